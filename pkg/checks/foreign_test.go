package checks

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// foreignVerdict is what a rule makes of a set, whatever it is written in.
type foreignVerdict struct {
	Outcome Outcome
	// Findings counts them by what they say of which property; logical IDs and templates are left out where styles differ.
	Findings map[string]int
}

func foreignVerdicts(w *World, moves bool) map[string]foreignVerdict {
	verdicts := map[string]foreignVerdict{}
	for _, result := range Verify(w, Rules()) {
		v := foreignVerdict{Outcome: result.Outcome, Findings: map[string]int{}}
		for _, f := range result.Findings {
			if moves {
				v.Findings[string(f.Outcome)] = 1
				continue
			}
			if section, _, _ := strings.Cut(f.Path, "."); slices.Contains([]string{"Conditions", "Mappings", "Outputs", "Parameters"}, section) {
				f.Path = section // what is in it may have another name
			}
			v.Findings[string(f.Outcome)+" "+f.Path]++
		}
		verdicts[result.Rule.ID] = v
	}
	return verdicts
}

// Golden in any style is judged as golden is.
func TestForeignStylesOfGolden(t *testing.T) {
	golden, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	for _, style := range foreignStyles() {
		t.Run(style.name, func(t *testing.T) {
			files := maps.Clone(golden)
			want := foreignVerdicts(worldOf(t, goldenParameters(t, "prod"), files), style.moves)
			w := worldOf(t, goldenParameters(t, "prod"), style.write(t, foreignParse(t, files)))
			for _, problem := range w.Problems {
				t.Error(problem)
			}
			got := foreignVerdicts(w, style.moves)
			for id := range style.changes {
				delete(want, id)
				delete(got, id)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
