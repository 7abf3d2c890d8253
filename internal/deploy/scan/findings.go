package scan

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
)

const (
	// perPage is the most that a page of findings holds (API reference, DescribeImageScanFindings).
	perPage = 1000
	// mostReads is how often an answer that contradicts itself is read: findings may change between two pages.
	mostReads = 3
)

// read asks for the scan of a manifest.
func (c *imageCase) read(ctx context.Context, r *round, s *subject) error {
	a, err := c.pages(ctx, s)
	if cloud.ErrorCode(err) == "ScanNotFoundException" {
		return c.notFound(ctx, r, s)
	}
	if err != nil {
		return err
	}
	s.status, c.verdict.Status = a.status, string(a.status)
	m := meaning(a.status)
	means := m.Means
	if a.description != "" {
		means += " (" + a.description + ")"
	}
	switch {
	case m.Outcome == Wait:
		c.waitsFor = fmt.Sprintf("%s, %s", a.status, m.Means)
		return nil
	case a.status == types.ScanStatusUnsupportedImage:
		return c.unsupported(ctx, r, means)
	case m.Outcome == Refuse:
		c.unscanned(fmt.Sprintf("%s: %s", a.status, means), m.Do)
		return nil
	}
	if why := a.contradiction(); why != "" {
		if s.reads++; s.reads >= mostReads {
			c.unscanned("the findings are incomplete: "+why, "try again later")
		}
		c.waitsFor = why
		return nil
	}
	s.done, s.scanned, s.findings = true, a.scanned, a.findings
	return nil
}

// unsupported refuses an image that the scan cannot read, with what to do under the registry's scan type.
func (c *imageCase) unsupported(ctx context.Context, r *round, means string) error {
	kind, err := r.kind.get(ctx)
	if cloud.Transient(err) {
		return err
	}
	do := unsupportedOther
	if kind != types.ScanTypeEnhanced {
		do = unsupportedBasic
	}
	c.unscanned("UNSUPPORTED_IMAGE: "+means, do+c.verdict.Digest+"=REASON@DATE")
	return nil
}

// An answer is all pages about one scan.
type answer struct {
	status      types.ScanStatus
	description string
	scanned     time.Time
	// counts are the findings by severity as ECR counts them; told is set when it says anything about findings.
	counts map[string]int32
	told   bool
	// findings are those that count, closed and suppressed ones that ECR may leave out of its numbers by severity.
	findings []report.Finding
	closed   map[string]int32
	repeated bool
}

// pages reads the findings to the last page.
func (c *imageCase) pages(ctx context.Context, s *subject) (*answer, error) {
	a := &answer{closed: map[string]int32{}}
	in := &ecr.DescribeImageScanFindingsInput{RepositoryName: &c.verdict.Repository, ImageId: &types.ImageIdentifier{ImageDigest: &s.digest}, MaxResults: new(int32(perPage))}
	for {
		out, err := c.gate.Registry.DescribeImageScanFindings(ctx, in, patience)
		if err != nil {
			return nil, err
		}
		if out.ImageScanStatus != nil {
			a.status, a.description = out.ImageScanStatus.Status, aws.ToString(out.ImageScanStatus.Description)
		}
		a.take(out.ImageScanFindings)
		if next := aws.ToString(out.NextToken); next == "" || meaning(a.status).Outcome != Judge {
			return a, nil
		} else if next == aws.ToString(in.NextToken) {
			a.repeated = true
			return a, nil
		}
		in.NextToken = out.NextToken
	}
}

// take adds a page.
func (a *answer) take(page *types.ImageScanFindings) {
	if page == nil {
		return
	}
	a.told, a.scanned = true, aws.ToTime(page.ImageScanCompletedAt)
	if page.FindingSeverityCounts != nil {
		a.counts = page.FindingSeverityCounts
	}
	for _, f := range page.Findings {
		a.findings = append(a.findings, basic(f))
	}
	for _, f := range page.EnhancedFindings {
		found := enhanced(f)
		// Suppression rules only hide findings from view, so a suppressed one counts; a closed one was remedied (Amazon Inspector User Guide,
		// "Understanding Amazon Inspector findings" and "Suppressing Amazon Inspector findings").
		if found.Status != "" {
			a.closed[found.Severity]++
		}
		if found.Status != closedStatus {
			a.findings = append(a.findings, found)
		}
	}
}

// closedStatus is that of a finding that was remedied.
const closedStatus = "CLOSED"

// contradiction says where numbers and findings do not agree: then part of the findings is missing. Findings that are not active may or may
// not be in the numbers, for the documentation does not say.
func (a *answer) contradiction() string {
	if !a.told {
		return "the answer says nothing about findings"
	}
	if a.repeated {
		return "the pages of the findings repeat themselves"
	}
	listed, all := map[string]int{}, map[string]int{}
	for _, f := range a.findings {
		all[f.Severity]++
		if f.Status == "" {
			listed[f.Severity]++
		}
	}
	counts := map[string]int{}
	for severity, n := range a.counts {
		counts[severityOf(severity)] += int(n)
		all[severityOf(severity)] += 0
	}
	for _, severity := range SortedSeverities(all) {
		if n := counts[severity]; n < listed[severity] || n > listed[severity]+int(a.closed[severity]) {
			return fmt.Sprintf("%d %s are counted and %d listed", n, severity, all[severity])
		}
	}
	return ""
}

func severityOf(text string) string {
	return firstOf(strings.ToUpper(strings.TrimSpace(text)), "UNDEFINED")
}

// basic is a finding of basic scanning.
func basic(f types.ImageScanFinding) report.Finding {
	found := report.Finding{ID: firstOf(aws.ToString(f.Name), "unnamed"), Severity: severityOf(string(f.Severity)), Title: aws.ToString(f.Description), URL: aws.ToString(f.Uri)}
	for _, a := range f.Attributes {
		switch aws.ToString(a.Key) {
		case "package_name":
			found.Package = aws.ToString(a.Value)
		case "package_version":
			found.Version = aws.ToString(a.Value)
		}
	}
	return found
}

// enhanced is a finding of Amazon Inspector; what it says of several packages stands side by side.
func enhanced(f types.EnhancedImageScanFinding) report.Finding {
	found := report.Finding{Severity: severityOf(aws.ToString(f.Severity)), Title: aws.ToString(f.Title), Status: strings.ToUpper(aws.ToString(f.Status))}
	if found.Status == "ACTIVE" {
		found.Status = ""
	}
	if d := f.PackageVulnerabilityDetails; d != nil {
		found.ID, found.URL = aws.ToString(d.VulnerabilityId), aws.ToString(d.SourceUrl)
		var names, versions, fixes []string
		for _, p := range d.VulnerablePackages {
			names, versions = appended(names, p.Name), appended(versions, p.Version)
			if fixed := aws.ToString(p.FixedInVersion); fixed != "NotAvailable" { // Inspector's word for none
				fixes = appended(fixes, &fixed)
			}
		}
		found.Package, found.Version, found.FixedIn = strings.Join(names, ", "), strings.Join(versions, ", "), strings.Join(fixes, ", ")
	}
	found.ID = firstOf(found.ID, firstOf(aws.ToString(f.FindingArn), "unnamed"))
	return found
}

// appended adds a text that is not there yet.
func appended(list []string, text *string) []string {
	for _, known := range list {
		if known == aws.ToString(text) {
			return list
		}
	}
	if aws.ToString(text) == "" {
		return list
	}
	return append(list, *text)
}
