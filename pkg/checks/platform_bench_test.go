package checks

import (
	"fmt"
	"maps"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// goldenServices are the services of the golden templates, as their names stand in texts and in logical IDs; they have
// shorter ones in target groups.
var goldenServices = regexp.MustCompile(`(payment-a|transaction-process|notification-servi|PaymentA|TransactionProcess|NotificationServi|tg-noti|tg-payme|tg-t)(pi|or|ce|fy|nt|xn)`)

// goldenCopies are golden with its three services n times over, each copy with names of its own that are as long: what
// names a service is there for each copy.
func goldenCopies(t testing.TB, copies int) map[string]string {
	t.Helper()
	golden, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for name, text := range golden {
		document := campaignParse(t, text)
		if !goldenServices.MatchString(name) {
			copyServices(document, copies)
			files[name] = encodeCampaign(t, document)
			continue
		}
		for i := range copies {
			files[copyName(name, i)] = strings.ReplaceAll(copyName(text, i), "Priority: ", fmt.Sprintf("Priority: %d", i))
		}
	}
	return files
}

// copyName gives a copy of a service another name.
func copyName(text string, i int) string {
	if i == 0 {
		return text
	}
	return goldenServices.ReplaceAllString(text, fmt.Sprintf("${1}%02d", i))
}

// copyServices copies the keys and the items that name a service; where an item holds lists of which single items do, as a
// policy's statement may, those.
func copyServices(n *yaml.Node, copies int) {
	if text := n.Value; n.Kind == yaml.ScalarNode && strings.HasPrefix(text, "{") && goldenServices.MatchString(text) {
		var body yaml.Node
		if err := yaml.Unmarshal([]byte(text), &body); err == nil { // JSON, such as a dashboard's
			copyServices(body.Content[0], copies)
			var b strings.Builder
			foreignWriteJSON(&b, body.Content[0], "\n")
			n.Value = b.String()
		}
	}
	var content []*yaml.Node
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i < len(n.Content); i += step {
		item := n.Content[i : i+step]
		if !goldenServices.MatchString(copyText(item[0])) || n.Kind == yaml.SequenceNode && copiesInside(item[0]) {
			copyServices(item[step-1], copies)
			content = append(content, item...)
			continue
		}
		for k := range copies {
			for _, part := range item {
				content = append(content, copyNode(part, k))
			}
		}
	}
	n.Content = content
}

// copyText is all text in a node.
func copyText(n *yaml.Node) string {
	text := n.Value
	for _, inside := range n.Content {
		text += " " + copyText(inside)
	}
	return text
}

// copiesInside tells whether a node holds a list whose items name different services.
func copiesInside(n *yaml.Node) bool {
	names := map[string]bool{}
	for _, item := range n.Content {
		if copiesInside(item) {
			return true
		}
		if found := goldenServices.FindString(copyText(item)); n.Kind == yaml.SequenceNode && found != "" {
			names[found] = true
		}
	}
	return len(names) > 1
}

func copyNode(n *yaml.Node, i int) *yaml.Node {
	made := *n
	made.Value, made.Content = copyName(n.Value, i), nil
	for _, inside := range n.Content {
		made.Content = append(made.Content, copyNode(inside, i))
	}
	return &made
}

// copyParameters are the parameter values of production, for each copy of the services.
func copyParameters(t testing.TB, copies int) map[string]string {
	t.Helper()
	values := map[string]string{}
	for name, value := range goldenParameters(t, "prod") {
		for i := range copies {
			values[copyName(name, i)] = value
		}
	}
	return values
}

// The copies are what they are taken for: services that are judged as golden's are.
func TestGoldenCopies(t *testing.T) {
	const copies = 3
	w := worldOf(t, copyParameters(t, copies), goldenCopies(t, copies))
	if got := len(w.OfType(serviceType)); got != 3*copies {
		t.Errorf("%d services, want %d", got, 3*copies)
	}
	golden := map[string]Result{}
	for _, result := range Verify(goldenWorld(t), Rules()) {
		golden[result.Rule.ID] = result
	}
	for _, result := range Verify(w, Rules()) {
		if want := golden[result.Rule.ID]; result.Outcome != want.Outcome {
			t.Errorf("%s is %s, want %s: %+v", result.Rule.ID, result.Outcome, want.Outcome, result.Findings[:min(2, len(result.Findings))])
		}
	}
}

// BenchmarkGolden: all rules over the platform, from bytes to findings, and the parts of it.
func BenchmarkGolden(b *testing.B) {
	files, err := goldenText()
	if err != nil {
		b.Fatal(err)
	}
	set, err := goldenSet()
	if err != nil {
		b.Fatal(err)
	}
	env := Environment{Parameters: goldenParameters(b, "prod")}
	for name, run := range map[string]func(){
		"all":    func() { Verify(worldOf(b, env.Parameters, files), Rules()) },
		"load":   func() { _, _ = loadText(files) },
		"deploy": func() { Deploy(set, env) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				run()
			}
		})
	}
}

// Benchmark1000Services: all rules over as many platforms as it takes for 1,000 services, 33 each: the root of one has
// parameters for no more than 34. Garbage may lie longer than it does by default, as in any command that soon ends.
func Benchmark1000Services(b *testing.B) {
	const copies, roots = 11, 31
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var files []File
	texts := goldenCopies(b, copies)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		files = append(files, File{Name: name, Data: []byte(texts[name])})
	}
	parameters := copyParameters(b, copies)
	for b.Loop() {
		var all []func() (*World, error)
		for i := range roots {
			all = append(all, func() (*World, error) {
				set, err := Load(files)
				if err != nil {
					return nil, err
				}
				values := maps.Clone(parameters)
				values["EnvironmentSuffix"] = fmt.Sprint("p", i)
				return Deploy(set, Environment{Parameters: values}), nil
			})
		}
		results, err := VerifyEach(all, Rules())
		if err != nil || len(results) != roots {
			b.Fatal(err)
		}
	}
}
