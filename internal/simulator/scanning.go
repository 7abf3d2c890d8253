package simulator

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A Scan is what scanning an image comes to, and how long that takes.
type Scan struct {
	// Status is the one that the scan ends with, COMPLETE or, under enhanced scanning, ACTIVE when empty; Description goes with it.
	Status, Description string
	// Hidden is how long the scan is not found at first, Takes how long it is in progress then.
	Hidden, Takes time.Duration
	// Unstarted is set when nothing has started a scan yet.
	Unstarted bool
	Findings  []Vulnerability
	// Counts are told in place of the findings' own by severity, when not nil.
	Counts map[string]int
	// Silent leaves the findings out of the answer altogether.
	Silent bool
}

// A Vulnerability is a finding.
type Vulnerability struct {
	// ID is its name, such as CVE-2026-1; Severity as the service says it.
	ID, Severity string
	// Package is what has it, in Version; Fixed is the version without it. Title is told by enhanced scanning only.
	Package, Version, Fixed, Title string
	// Status is that of Amazon Inspector's findings, ACTIVE when empty; basic scanning has none.
	Status string
}

// scanning is how far the scan of an image is.
type scanning struct {
	plan Scan
	// began is when the scan started; zero for not yet.
	began time.Time
}

// Assumed: AWS names no durations of scans.
const (
	scanHidden = 3 * time.Second
	scanTakes  = 17 * time.Second
)

// onPush is the scan of an image that is pushed. Indexes themselves are not scanned, their manifests are (assumed; ECR API reference,
// StartImageScan: UnsupportedImageTypeException).
func onPush(i *image, unscanned bool) scanning {
	s := scanning{plan: Scan{Hidden: scanHidden, Takes: scanTakes}}
	if i.media != indexMedia && !unscanned {
		s.began = i.at
	}
	return s
}

// PlantScan says what scanning an image comes to, from now on.
func (s *Simulator) PlantScan(repositoryName, digest string, plan Scan) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	_, i := s.image(repositoryName, digest)
	if i == nil {
		return errAbsent("image", repositoryName+"@"+digest)
	}
	i.scanning = scanning{plan: plan, began: s.present()}
	if plan.Unstarted {
		i.scanning.began = time.Time{}
	}
	return nil
}

// ScanEnhanced switches the registry's scan type between BASIC and ENHANCED (ECR User Guide, "Scan images for software vulnerabilities").
func (s *Simulator) ScanEnhanced(on bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.enhanced = on
}

// status is that of a scan at a time, empty while it cannot be found.
func (c scanning) status(now time.Time, enhanced bool) string {
	switch {
	case c.began.IsZero() || now.Before(c.began.Add(c.plan.Hidden)):
		return ""
	case now.Before(c.began.Add(c.plan.Hidden + c.plan.Takes)):
		return "IN_PROGRESS"
	case c.plan.Status != "":
		return c.plan.Status
	case enhanced:
		return "ACTIVE"
	}
	return "COMPLETE"
}

// state is the image's: archived ones are not scanned (ECR User Guide, "Archiving an image").
func (i *image) state() string {
	if i.scanning.plan.Status == "IMAGE_ARCHIVED" {
		return "ARCHIVED"
	}
	return "ACTIVE"
}

// wantsState tells whether a call asks for images of a state: without a filter for active ones (API reference, DescribeImagesFilter).
func wantsState(c *call, state string) bool {
	filter, _ := c.body["filter"].(map[string]any)
	wanted := cmp.Or(textOf(filter["imageStatus"]), "ACTIVE")
	return wanted == "ANY" || wanted == state
}

// scanned is the image that a call about scans names.
func (s *Simulator) scanned(c *call) (*repository, *image, error) {
	r, err := s.repository(c)
	if err != nil {
		return nil, nil, err
	}
	id, _ := c.body["imageId"].(map[string]any)
	for _, i := range r.images {
		if i.digest == textOf(id["imageDigest"]) || slices.Contains(i.tags, textOf(id["imageTag"])) {
			return r, i, nil
		}
	}
	return nil, nil, refuse("ImageNotFoundException", "The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'",
		textOf(id["imageDigest"]), textOf(id["imageTag"]), r.name, s.options.Account)
}

// startImageScan starts a basic scan, at most once in 24 hours, scans on push included (API reference, StartImageScan). Enhanced scanning
// has no scans by hand (ECR User Guide, "Enhanced scanning"); that it answers ValidationException is assumed.
func (s *Simulator) startImageScan(c *call) (any, error) {
	r, i, err := s.scanned(c)
	switch {
	case err != nil:
		return nil, err
	case s.enhanced:
		return nil, refuse("ValidationException", "This feature is disabled")
	case i.media == indexMedia:
		return nil, refuse("UnsupportedImageTypeException", "The image is of a type that cannot be scanned.")
	case i.state() == "ARCHIVED":
		return nil, refuse("ImageArchivedException", "The specified image is archived and cannot be scanned.")
	case !i.scanning.began.IsZero() && s.present().Sub(i.scanning.began) < 24*time.Hour:
		return nil, refuse("LimitExceededException", "The scan quota per image has been exceeded. Wait and try again.")
	}
	i.scanning.began = s.present()
	return map[string]any{"registryId": s.options.Account, "repositoryName": r.name, "imageId": map[string]any{"imageDigest": i.digest}, "imageScanStatus": map[string]any{"status": "IN_PROGRESS"}}, nil
}

// registryScanning tells the scan type (API reference, GetRegistryScanningConfiguration).
func (s *Simulator) registryScanning(*call) (any, error) {
	kind, rules := "BASIC", []any{}
	if s.enhanced {
		kind, rules = "ENHANCED", []any{map[string]any{"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": []any{map[string]any{"filter": "*", "filterType": "WILDCARD"}}}}
	}
	return map[string]any{"registryId": s.options.Account, "scanningConfiguration": map[string]any{"scanType": kind, "rules": rules}}, nil
}

// describeImageScanFindings tells status and findings, 100 a page unless asked for up to 1,000 (API reference, DescribeImageScanFindings).
func (s *Simulator) describeImageScanFindings(c *call) (any, error) {
	r, i, err := s.scanned(c)
	if err != nil {
		return nil, err
	}
	plan, status := i.scanning.plan, i.scanning.status(s.present(), s.enhanced)
	if status == "" {
		return nil, refuse("ScanNotFoundException", "Image scan does not exist for the image with '{imageDigest:'%s'}' in the repository with name '%s' in the registry with id '%s'", i.digest, r.name, s.options.Account)
	}
	found := status == "COMPLETE" || status == "ACTIVE"
	findings, counts := []any{}, map[string]int{}
	if found {
		for _, v := range plan.Findings {
			counts[v.Severity]++
			if findings = append(findings, v.basic()); s.enhanced {
				findings[len(findings)-1] = v.enhanced(s.options.Account)
			}
		}
	}
	if plan.Counts != nil {
		counts = plan.Counts
	}
	kind := "findings"
	if s.enhanced {
		kind = "enhancedFindings"
	}
	out := paged(c, kind, "nextToken", min(c.number("maxResults", 100), 1000), findings)
	if found && !plan.Silent {
		out["imageScanFindings"] = map[string]any{kind: out[kind], "findingSeverityCounts": counts, "imageScanCompletedAt": epochSeconds(i.scanning.began.Add(plan.Hidden + plan.Takes))}
	}
	delete(out, kind)
	out["registryId"], out["repositoryName"], out["imageId"] = s.options.Account, r.name, map[string]any{"imageDigest": i.digest}
	out["imageScanStatus"] = map[string]any{"status": status, "description": cmp.Or(plan.Description, "The scan is "+strings.ToLower(status)+".")}
	return out, nil
}

// basic is the finding as basic scanning tells it (API reference, ImageScanFinding).
func (v Vulnerability) basic() map[string]any {
	return map[string]any{"name": v.ID, "severity": v.Severity, "uri": "https://example.com/" + v.ID, "attributes": []any{map[string]any{"key": "package_name", "value": v.Package}, map[string]any{"key": "package_version", "value": v.Version}}}
}

// enhanced is the finding as Amazon Inspector tells it (API reference, EnhancedImageScanFinding).
func (v Vulnerability) enhanced(account string) map[string]any {
	return map[string]any{"awsAccountId": account, "severity": v.Severity, "status": cmp.Or(v.Status, "ACTIVE"), "title": cmp.Or(v.Title, v.ID+" - "+v.Package), "type": "PACKAGE_VULNERABILITY",
		"packageVulnerabilityDetails": map[string]any{"vulnerabilityId": v.ID, "sourceUrl": "https://example.com/" + v.ID,
			"vulnerablePackages": []any{map[string]any{"name": v.Package, "version": v.Version, "fixedInVersion": v.Fixed}}}}
}
