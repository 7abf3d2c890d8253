package rehearsal

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/source"
)

// A call is one command. What is shown of it and what is done are made of the same request, so that who types what was shown does the same.
type call struct {
	verb string
	// request is a deploy.Request, a deploy.ReleaseRequest, a deploy.VerifyRequest or a deploy.DestroyRequest; nil asks for release status.
	request any
}

// do runs the command.
func (c call) do(ctx context.Context, e *deploy.Engine) error {
	switch r := c.request.(type) {
	case deploy.ReleaseRequest:
		return e.Release(ctx, r)
	case deploy.VerifyRequest:
		return e.Verify(ctx, r)
	case deploy.DestroyRequest:
		return e.Destroy(ctx, r)
	case deploy.Request:
		switch c.verb {
		case "bootstrap":
			return e.Bootstrap(ctx, r)
		case "plan":
			_, err := e.Plan(ctx, r)
			return err
		}
		return e.Apply(ctx, r)
	}
	return e.ReleaseStatus(ctx, nil)
}

// withheld stands for what is left out of a command that is shown: digests, which are long, and secrets.
const withheld = "…"

// command is what a person types for it. Values of parameters that are hidden are left out.
func (c call) command(environment string, hidden func(parameter string) bool) string {
	words := []string{"deploy", c.verb, "-e", environment}
	switch r := c.request.(type) {
	case deploy.ReleaseRequest:
		words = append(words, on("--yes", r.Yes)...)
		words = append(words, imagesOf(r.Images)...)
	case deploy.DestroyRequest:
		words = append(words, "--confirm", r.Confirm)
	case deploy.Request:
		words = append(words, on("--yes", r.Consent.Yes)...)
		words = append(words, on("--detailed-exitcode", r.DetailedExitCode)...)
		for _, file := range r.Files {
			words = append(words, "--params", quoted(file))
		}
		words = append(words, valuesOf(r.Values, hidden)...)
		words = append(words, imagesOf(r.Images)...)
	}
	return strings.Join(words, " ")
}

func on(flag string, is bool) []string {
	if is {
		return []string{flag}
	}
	return nil
}

// valuesOf are the flags of the values that no file gives; of several for one parameter the last, which wins.
func valuesOf(layers []source.Values, hidden func(parameter string) bool) (words []string) {
	given := map[string]string{}
	for _, layer := range layers {
		if layer.Origin == deploy.FlagOrigin {
			maps.Copy(given, layer.ByName)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		value := quoted(name + "=" + given[name])
		if hidden(name) {
			value = quoted(name+"=") + withheld
		}
		words = append(words, "-p", value)
	}
	return words
}

// imagesOf names one image; several would fill the screen.
func imagesOf(images map[string]string) []string {
	switch names := slices.Sorted(maps.Keys(images)); len(names) {
	case 0:
		return nil
	case 1:
		return []string{"--image", names[0] + "=sha256:" + withheld}
	}
	return []string{"--image", withheld}
}

// harmless are texts that a shell takes as they are (POSIX, "Shell Command Language": Quoting).
var harmless = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// quoted is a word for a shell.
func quoted(text string) string {
	if harmless.MatchString(text) {
		return text
	}
	return fmt.Sprintf("'%s'", strings.ReplaceAll(text, "'", `'\''`))
}

// hidden tells of which parameters no value is shown: those that a template declares as NoEcho, and those that none declares, unless the
// rehearsal changes them itself.
func (o Options) hidden(set *source.Set) func(parameter string) bool {
	roots := []*source.Template{set.Root}
	for _, file := range []string{o.Roots.Foundation, o.Roots.Role} {
		if own, err := source.Load(o.Templates, file); err == nil {
			roots = append(roots, own.Root)
		}
	}
	return func(parameter string) bool {
		declared := false
		for _, t := range roots {
			p, is := t.Parameters[parameter]
			if declared = declared || is; p.NoEcho {
				return true
			}
		}
		return !declared && parameter != o.Change.Name
	}
}
