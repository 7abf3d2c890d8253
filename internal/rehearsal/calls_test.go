package rehearsal

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/source"
)

// Each step runs what its printed command asks for: the request is made anew from the command, as the flags are documented, and compared.
func TestCommandsAreWhatIsRun(t *testing.T) {
	golden, small := os.DirFS("../../golden"), os.DirFS("../deploy/testdata/small")
	file := source.Values{Origin: "environments/dev.yaml", ByName: map[string]string{"DatabaseMaxCapacity": "2"}}
	flags := func(values map[string]string) source.Values {
		return source.Values{Origin: deploy.FlagOrigin, ByName: values}
	}
	for _, tc := range []struct {
		name   string
		o      Options
		steps  int
		secret string
	}{
		{"the platform", Options{Environment: "dev", Templates: golden, Values: []source.Values{file, flags(nil)}}, 12, ""},
		{"values of the caller", Options{Environment: "qa7", Templates: golden, Files: []string{"a.yaml", "my file.yaml"},
			Values: []source.Values{file, flags(map[string]string{"DomainName": "it's mine.example.com", "DatabaseMaxCapacity": "4"})}}, 12, ""},
		{"templates of others, with a secret", Options{Environment: "x", Templates: small, Values: []source.Values{flags(map[string]string{"Password": "canary"})}, Change: Change{Name: "Size", Update: "2", Failing: "3"}}, 8, "canary"},
		{"a parameter that nobody declares", Options{Environment: "x", Templates: small, Values: []source.Values{flags(map[string]string{"Pasword": "canary"})}, Change: Change{Name: "Size", Update: "2", Failing: "3"}}, 8, "canary"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.o.Roots = deploy.DefaultRoots()
			set, err := source.Load(tc.o.Templates, tc.o.Roots.Platform)
			if err != nil {
				t.Fatal(err)
			}
			if tc.o.Change.Name == "" {
				tc.o.Change = DefaultChange
			}
			steps := tc.o.steps(set, nil)
			if len(steps) != tc.steps {
				t.Errorf("%d steps, want %d", len(steps), tc.steps)
			}
			for i, s := range steps {
				command := s.call.command(tc.o.Environment, tc.o.hidden(set))
				verb, asked := read(t, command, tc.o.Environment)
				if verb != s.call.verb {
					t.Errorf("step %d prints %q and runs %s", i+1, command, s.call.verb)
				}
				if diff := cmp.Diff(asked, shown(s.call.request, tc.secret), cmp.AllowUnexported(deploy.Request{}, deploy.ReleaseRequest{})); diff != "" {
					t.Errorf("step %d prints %q and runs another request (-printed +run):\n%s", i+1, command, diff)
				}
			}
		})
	}
}

// read is the verb of a command and the request that its flags ask for.
func read(t *testing.T, command, environment string) (string, any) {
	t.Helper()
	words := split(command)
	verb, rest := words[1], words[2:]
	if verb == "release" && rest[0] == "status" {
		verb, rest = "release status", rest[1:]
	}
	if words[0] != "deploy" || !slices.Equal(rest[:2], []string{"-e", environment}) {
		t.Errorf("%q calls no verb for %s", command, environment)
	}
	var r deploy.Request
	confirm := ""
	given, images := map[string]string{}, map[string]string{}
	for rest = rest[2:]; len(rest) > 0; rest = rest[1:] {
		switch flag := rest[0]; flag {
		case "--yes":
			r.Consent.Yes = true
			continue
		case "--detailed-exitcode":
			r.DetailedExitCode = true
			continue
		case "--params":
			r.Files = append(r.Files, rest[1])
		case "-p":
			name, value, _ := strings.Cut(rest[1], "=")
			given[name] = value
		case "--image":
			name, _, _ := strings.Cut(rest[1], "=")
			images[name] = withheld
		case "--confirm":
			confirm = rest[1]
		default:
			t.Errorf("%q has a flag that no request is known for: %s", command, flag)
		}
		rest = rest[1:]
	}
	if len(given) > 0 {
		r.Values = []source.Values{{Origin: deploy.FlagOrigin, ByName: given}}
	}
	if len(images) > 0 {
		r.Images = images
	}
	switch verb {
	case "release":
		return verb, deploy.ReleaseRequest{Images: r.Images, Yes: r.Consent.Yes}
	case "release status":
		return verb, nil
	case "verify":
		return verb, deploy.VerifyRequest{Simulated: true}
	case "destroy":
		return verb, deploy.DestroyRequest{Confirm: confirm}
	}
	return verb, r
}

// shown is a request as a command can tell it: the last value given by flags for each parameter, a secret and digests left out, many images
// as one.
func shown(request any, secret string) any {
	images := func(all map[string]string) map[string]string {
		switch names := slices.Collect(maps.Keys(all)); len(names) {
		case 0:
			return nil
		case 1:
			return map[string]string{names[0]: withheld}
		}
		return map[string]string{withheld: withheld}
	}
	switch r := request.(type) {
	case deploy.ReleaseRequest:
		r.Images = images(r.Images)
		return r
	case deploy.Request:
		r.Images = images(r.Images)
		given := map[string]string{}
		for _, layer := range r.Values {
			for name, value := range layer.ByName {
				if layer.Origin == deploy.FlagOrigin {
					given[name] = value
					if value == secret {
						given[name] = withheld
					}
				}
			}
		}
		if r.Values = nil; len(given) > 0 {
			r.Values = []source.Values{{Origin: deploy.FlagOrigin, ByName: given}}
		}
		return r
	}
	return request
}

// split are the words of a command, as a shell takes them apart.
func split(command string) (words []string) {
	word, quoting := "", false
	for i := 0; i < len(command); i++ {
		switch c := command[i]; {
		case c == '\'':
			quoting = !quoting
		case c == '\\' && !quoting:
			i++
			word += command[i : i+1]
		case c == ' ' && !quoting:
			words, word = append(words, word), ""
		default:
			word += command[i : i+1]
		}
	}
	return append(words, word)
}
