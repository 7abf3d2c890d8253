package scan

import "github.com/aws/aws-sdk-go-v2/service/ecr/types"

// An Outcome is what a status of a scan leads to.
type Outcome string

// The outcomes.
const (
	// Judge: the findings decide.
	Judge Outcome = "judge"
	// Wait: the scan is not done.
	Wait Outcome = "wait"
	// Refuse: nobody knows what is in the image.
	Refuse Outcome = "refuse"
)

// A Meaning is what a status says and what is to be done.
type Meaning struct {
	Status  types.ScanStatus
	Outcome Outcome
	Means   string
	Do      string
}

// Meanings are those of all statuses (ECR API reference, ImageScanStatus, which names them without a word about their meaning; the words here
// are from the ECR User Guide, "Scan images for software vulnerabilities", and the Amazon Inspector API reference, ScanStatus).
func Meanings() []Meaning {
	const again = "push the image anew, which scans it again"
	return []Meaning{
		{types.ScanStatusComplete, Judge, "basic scanning has read the image", ""},
		{types.ScanStatusActive, Judge, "enhanced scanning has read the image and keeps watching it", ""},
		{types.ScanStatusPending, Wait, "the scan has not begun", ""},
		{types.ScanStatusInProgress, Wait, "the scan runs", ""},
		{types.ScanStatusFailed, Refuse, "the scan failed", "look at the image in the console of Amazon ECR; " + again},
		{types.ScanStatusUnsupportedImage, Refuse, "the scan does not support the image", ""},
		{types.ScanStatusFindingsUnavailable, Refuse, "there are no findings any more", again},
		{types.ScanStatusScanEligibilityExpired, Refuse, "enhanced scanning has stopped watching the image: its duration for images of that age has passed", "raise the re-scan duration of Amazon Inspector, or " + again},
		{types.ScanStatusLimitExceeded, Refuse, "a limit of the account keeps the image from being scanned", "look at the quotas of Amazon ECR and Amazon Inspector, and try again later"},
		{types.ScanStatusImageArchived, Refuse, "the image is archived, and archived images are not scanned", "restore it in Amazon ECR, wait for its scan and try again"},
	}
}

// meaning is a status's; one that is not known refuses.
func meaning(status types.ScanStatus) Meaning {
	for _, m := range Meanings() {
		if m.Status == status {
			return m
		}
	}
	return Meaning{status, Refuse, "this version of the command does not know the status", "look at the image in the console of Amazon ECR, and update the command"}
}

// What UNSUPPORTED_IMAGE calls for, by the registry's scan type (ECR User Guide, "Scan images for OS vulnerabilities": basic scanning reads
// packages of operating systems; Amazon Inspector User Guide, "Scanning Amazon ECR container images").
const (
	unsupportedBasic = "switch the registry to enhanced scanning, which reads images without an operating system too (aws ecr put-registry-scanning-configuration --scan-type ENHANCED; it counts for the whole account), or except this image for a while: --allow-unscanned "
	unsupportedOther = "build the image on a base that Amazon Inspector supports, or except it for a while: --allow-unscanned "
)
