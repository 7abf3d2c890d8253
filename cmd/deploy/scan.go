package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/scan"
)

// scanFlags are those of the scan gate.
type scanFlags struct {
	maxSeverity     string
	cves, unscanned []string
	wait            time.Duration
	sarif           string
}

func (s *scanFlags) add(f *pflag.FlagSet) {
	f.StringVar(&s.maxSeverity, "max-severity", scan.DefaultMaxSeverity, "highest severity of findings that is tolerated: NONE, INFORMATIONAL, LOW, MEDIUM, HIGH or CRITICAL; worse ones refuse the image")
	f.StringArrayVar(&s.cves, scan.AllowCVE, nil, "ID=REASON@DATE: let this vulnerability pass until the end of that day, such as CVE-2026-1=not called@2026-12-31")
	f.StringArrayVar(&s.unscanned, scan.AllowUnscanned, nil, "DIGEST=REASON@DATE: let this image pass without findings until the end of that day; findings that there are count all the same")
	f.DurationVar(&s.wait, "wait", scan.DefaultWait, "how long to wait for scans that are not done; 0 looks once")
	f.StringVar(&s.sarif, "sarif", "", "write the findings as SARIF 2.1.0 into this file")
}

// rules reads the flags.
func (s *scanFlags) rules() (scan.Rules, error) {
	r := scan.Rules{MaxSeverity: s.maxSeverity, Wait: s.wait}
	if s.wait <= 0 {
		r.Wait = -1
	}
	for _, list := range []struct {
		flag  string
		given []string
	}{{scan.AllowCVE, s.cves}, {scan.AllowUnscanned, s.unscanned}} {
		for _, text := range list.given {
			x, err := scan.ParseException(list.flag, text)
			if err != nil {
				return r, err
			}
			r.Exceptions = append(r.Exceptions, x)
		}
	}
	return r, r.Check(clock.System{}.Now())
}

func (c *command) scan() *cobra.Command {
	p := &planFlags{}
	cmd := &cobra.Command{Use: "scan", Short: "Judge images by what Amazon ECR's scanning found in them; deploys nothing", Args: cobra.NoArgs,
		Long: "scan is the gate that apply begins with. Each image is judged by its digest (of an index, the manifest for the platform of the task\n" +
			"definitions), from all pages of its findings. Without --image it judges all that the environment is deployed with.\n\n" +
			"An image passes when its scan is COMPLETE (basic scanning) or ACTIVE (enhanced scanning) and no finding is above --max-severity.\n" +
			"The default MEDIUM refuses HIGH and CRITICAL; --max-severity HIGH tolerates HIGH as well. UNDEFINED and UNTRIAGED findings, which\n" +
			"nobody has judged yet, count as CRITICAL. Scans that run are waited for; under basic scanning one that never began is started.\n" +
			"Everything else refuses: a scan that failed, an image that cannot be scanned, a state that is not known.\n\n" +
			"Exceptions end on a date, at most a year ahead, and are written into the deployment's record. One that expired refuses, one that\n" +
			"nothing needs is warned about. Images that are refused end the command with exit code 6.",
		Example: "  deploy scan -e dev                                          # what is deployed\n" +
			"  deploy scan -e dev --image payment-api=1.4.2                # what would be: the tag is looked up once\n" +
			"  deploy scan -e prod --image payment-api=sha256:… --allow-cve 'CVE-2026-1=the function is not called@2026-12-31'\n" +
			"  deploy scan -e prod --allow-unscanned 'sha256:…=built from nothing, no package manager@2026-12-31' --sarif scan.sarif"}
	f := cmd.Flags()
	f.StringArrayVar(&p.images, "image", nil, "NAME=sha256:… or NAME=TAG of an image; repeat it for several")
	f.StringVar(&p.markdown, "markdown", "", "write a summary into this file")
	p.scan.add(f)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		images, err := assigned("--image", p.images, checkImage)
		r := deploy.ScanRequest{Images: images}
		if err == nil {
			r.Rules, err = p.scan.rules()
		}
		if err != nil {
			return err
		}
		return c.with(cmd, p, func(ctx context.Context, e *deploy.Engine) error { return e.Scan(ctx, r) })
	}
	return cmd
}
