package deploy

import (
	"maps"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
)

// Parameters and outputs by which our roots say what the command needs.
const (
	bucketParameter = "ArtifactBucket"
	bucketOutput    = "ArtifactBucket"
	roleOutput      = "RoleArn"
	imageSuffix     = "ImageDigest"
	colorSuffix     = "ActiveColor"
)

// values decides all parameter values: files and flags, then what is the command's own.
func (e *Engine) values(p *proposal, r Request) (map[string]source.Given, error) {
	colors, err := p.situation.colors()
	if err != nil {
		return nil, err
	}
	own := source.Values{Origin: "the deploy command", MayOwn: true, ByName: map[string]string{}}
	root := p.templates.Root
	put := func(name, value string) {
		if _, declared := root.Parameters[name]; declared {
			own.ByName[name] = value
		}
	}
	put(suffixParameter, e.environment.suffix)
	put(bucketParameter, p.bucket.Name())
	for _, resource := range root.Resources {
		if n := resource.Nested; n != nil && n.KeyParameter != "" && p.templates.Nested[n.Template] != nil {
			put(n.KeyParameter, p.templates.Nested[n.Template].Key())
		}
	}
	for name := range root.Parameters {
		if p.first && strings.HasSuffix(name, colorSuffix) {
			put(name, "blue") // the colour that the services are created with
		}
	}
	for name, color := range colors {
		put(name, color)
	}
	if err := images(root, r.Images, put); err != nil {
		return nil, err
	}
	var deployed []string
	if !p.first {
		deployed = sortedKeys(p.situation.platform.parameters)
	}
	return source.Resolve(root, deployed, append(e.without(r.Values, root), own)...)
}

// without leaves out the values of the other roots: one file holds those of all. What no root has is left for an error.
func (e *Engine) without(layers []source.Values, root *source.Template) []source.Values {
	others := map[string]bool{}
	for _, file := range []string{e.Roots.Foundation, e.Roots.Role} {
		if set, err := source.Load(e.Templates, file); err == nil { // bootstrap tells what is wrong with them
			for name := range set.Root.Parameters {
				_, ours := root.Parameters[name]
				others[name] = !ours
			}
		}
	}
	var kept []source.Values
	for _, layer := range layers {
		layer.ByName = maps.Clone(layer.ByName)
		maps.DeleteFunc(layer.ByName, func(name, _ string) bool { return others[name] })
		kept = append(kept, layer)
	}
	return kept
}

// mask tells which values are secret: those given for NoEcho parameters.
func (e *Engine) mask(root *source.Template, layers []source.Values) {
	if e.Mask == nil {
		return
	}
	for _, layer := range layers {
		for name, value := range layer.ByName {
			if root.Parameters[name].NoEcho {
				e.Mask(value)
			}
		}
	}
}

// images takes digests by the images' names: payment-api is the parameter PaymentApiImageDigest.
func images(root *source.Template, given map[string]string, put func(name, value string)) error {
	known := imageParameters(root)
	for _, name := range sortedKeys(given) {
		parameter := known[name]
		if parameter == "" {
			return &fault.Error{Code: fault.Usage, What: "--image names an image that " + root.Name + " does not have", Found: name, Allowed: firstOf(strings.Join(sortedKeys(known), ", "), "none")}
		}
		put(parameter, given[name])
	}
	return nil
}

// ImageName is an image as people name it: PaymentApi, of the parameter PaymentApiImageDigest, is payment-api.
func ImageName(stem string) string {
	var b strings.Builder
	for i, c := range stem {
		if c >= 'A' && c <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}
