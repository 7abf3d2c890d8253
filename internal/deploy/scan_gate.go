package deploy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/deploy/source"
)

// repository is where the foundation keeps an image, and from where the task definitions run it: ecr-payment-api-dev.
func (e environment) repository(image string) string { return "ecr-" + image + "-" + e.suffix }

// imageParameters are the parameters that take digests, by the images' names. Templates of others have none, and no gate.
func imageParameters(root *source.Template) map[string]string {
	known := map[string]string{}
	for name := range root.Parameters {
		if stem, is := strings.CutSuffix(name, imageSuffix); is {
			known[ImageName(stem)] = name
		}
	}
	return known
}

// pin checks the rules of the gate, and turns tags of images into digests: from here on the run knows digests only.
func (e *Engine) pin(ctx context.Context, root *source.Template, r *Request) error {
	if err := r.Scan.Check(e.Clock.Now()); err != nil {
		return err
	}
	pinned, err := e.digests(ctx, root, r.Images)
	r.Images = pinned
	return err
}

// digests are those of images given by digest or tag. Names that the templates do not have are left for an error.
func (e *Engine) digests(ctx context.Context, root *source.Template, given map[string]string) (map[string]string, error) {
	known, pinned := imageParameters(root), maps.Clone(given)
	for _, name := range sortedKeys(given) {
		if known[name] == "" {
			continue
		}
		repository := e.environment.repository(name)
		digest, tag, err := scan.Resolve(ctx, e.Cloud.ECR(), name, repository, given[name])
		if err != nil {
			return nil, err
		}
		if pinned[name] = digest; tag != "" {
			e.Reporter.Report(report.Note{Level: report.Info, Text: fmt.Sprintf("%s:%s is %s in %s", name, tag, digest, repository)})
		}
	}
	return pinned, nil
}

// gateDeployment judges the images that a deployment brings: those whose digests differ from the deployed ones. What runs already was
// judged when it came, and is looked at by `scan`; refusing it here would keep its own mending from being deployed.
func (e *Engine) gateDeployment(ctx context.Context, p *proposal, rules scan.Rules) error {
	var brings []scan.Image
	var kept []string
	root := p.templates.Root
	known := imageParameters(root)
	for _, name := range sortedKeys(known) {
		digest := p.given[known[name]].Value
		if !p.first && (p.given[known[name]].Previous || digest == p.situation.platform.parameters[known[name]]) {
			kept = append(kept, name)
			continue
		}
		image := scan.Image{Name: name, Repository: e.environment.repository(name), Digest: digest}
		if _, judged := e.verdicts[judgedAs(image)]; !judged {
			brings = append(brings, image)
		}
	}
	if len(brings) == 0 {
		return nil
	}
	if len(kept) > 0 {
		e.Reporter.Report(report.Note{Level: report.Detail, Text: "not judged, because it runs already: " + strings.Join(kept, ", ")})
	}
	_, err := e.gateImages(ctx, p.templates, brings, rules)
	return err
}

func judgedAs(i scan.Image) string { return i.Repository + "@" + i.Digest }

// gateImages judges images, and refuses unless all pass. The templates say what platform they run on.
func (e *Engine) gateImages(ctx context.Context, templates *source.Set, images []scan.Image, rules scan.Rules) ([]scan.Verdict, error) {
	gate := scan.Gate{Registry: e.Cloud.ECR(), Clock: e.Clock, Reporter: e.Reporter, Platforms: platforms(templates), Rules: rules, Waiting: e.keepLock}
	verdicts, err := gate.Judge(ctx, images)
	if err == nil {
		err = e.lost
	}
	if err != nil {
		return nil, err
	}
	for _, x := range rules.Unused(verdicts) {
		e.Reporter.Report(report.Note{Level: report.Warning, Text: fmt.Sprintf("the exception --%s %s (until %s) is not needed: no image that was judged depends on it", x.Flag, x.ID, x.Until)})
	}
	if e.verdicts == nil {
		e.verdicts = map[string]scan.Verdict{}
	}
	var refused []string
	for _, v := range verdicts {
		if v.Passed {
			e.verdicts[judgedAs(scan.Image{Repository: v.Repository, Digest: v.Digest})] = v
		} else {
			refused = append(refused, v.Name+" ("+v.Reason+")")
		}
	}
	if len(refused) == 0 {
		return verdicts, nil
	}
	first := slices.IndexFunc(verdicts, func(v scan.Verdict) bool { return !v.Passed })
	return verdicts, &fault.Error{Code: fault.Refused, What: fmt.Sprintf("the scan gate refuses %d of %d images: %s", len(refused), len(verdicts), strings.Join(refused, "; ")), Do: verdicts[first].Do}
}

// platforms are what the task definitions run on; empty where none says.
func platforms(templates *source.Set) (all []string) {
	architectures := map[string]string{"X86_64": "amd64", "ARM64": "arm64"} // ECS's words and those of images
	for _, t := range templates.All() {
		for _, r := range t.Resources {
			runs, _ := r.Properties["RuntimePlatform"].(map[string]any)
			cpu, _ := runs["CpuArchitecture"].(string)
			if name := architectures[cpu]; r.Type == "AWS::ECS::TaskDefinition" && name != "" && !slices.Contains(all, "linux/"+name) {
				all = append(all, "linux/"+name)
			}
		}
	}
	slices.Sort(all)
	return all
}

// stillThere refuses if an image that this run judged was deleted since: a service whose image is gone never starts.
func (e *Engine) stillThere(ctx context.Context) error {
	var judged []scan.Image
	for _, key := range sortedKeys(e.verdicts) {
		v := e.verdicts[key]
		judged = append(judged, scan.Image{Name: v.Name, Repository: v.Repository, Digest: v.Digest})
	}
	return e.present(ctx, judged)
}

// present refuses images that are not in their repositories.
func (e *Engine) present(ctx context.Context, images []scan.Image) error {
	gone, err := scan.Present(ctx, e.Cloud.ECR(), images)
	if err != nil || len(gone) == 0 {
		return err
	}
	var names []string
	for _, i := range gone {
		names = append(names, i.Name+"@"+i.Digest)
	}
	return &fault.Error{Code: fault.Refused, What: "images are not in the registry any more: " + strings.Join(names, ", "), Do: "push them again, and look at who deletes images: a lifecycle policy, perhaps"}
}

// excepted are the exceptions that the images of this run needed, each once.
func (e *Engine) excepted() (used []report.Exception) {
	for _, key := range sortedKeys(e.verdicts) {
		for _, x := range e.verdicts[key].Exceptions {
			if !slices.Contains(used, x) {
				used = append(used, x)
			}
		}
	}
	return used
}
