package checks

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"
)

// campaignShare of all mutants must be noticed.
const campaignShare = 0.95

// Re-encoding alone changes no finding.
func TestCampaignBaseline(t *testing.T) {
	c := newCampaign(t)
	encoded := map[string]string{}
	for name, text := range c.files {
		encoded[name] = encodeCampaign(t, campaignParse(t, text))
	}
	set, err := loadText(encoded)
	if err != nil {
		t.Fatal(err)
	}
	for i, env := range c.worlds {
		if got := campaignJudge(set, env); !maps.Equal(got.findings, c.baselines[i].findings) || got.problems != c.baselines[i].problems {
			t.Errorf("world %d: re-encoding changes findings", i)
		}
	}
}

// Each property of golden is of a class, or said to promise nothing.
func TestCampaignComplete(t *testing.T) {
	files, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	mutants, unlisted := campaignMutants(t, files)
	for _, text := range slices.Compact(slices.Sorted(slices.Values(unlisted))) {
		t.Error(text)
	}
	seen := map[string]bool{}
	for _, m := range mutants {
		if seen[m.String()] {
			t.Error("twice:", m)
		}
		seen[m.String()] = true
	}
}

// A sample of the campaign: of each class as many mutants as fit.
func TestCampaignSample(t *testing.T) {
	c := newCampaign(t)
	mutants, _ := campaignMutants(t, c.files)
	sample := campaignSample(mutants, sampled(60))
	c.run(sample, func(i int, verdict string, _ []string) {
		if verdict == mutantSurvived && c.survivor(sample[i]) == nil {
			t.Errorf("no rule notices %s, and survivors.txt does not say why", sample[i])
		}
	})
}

// campaignSample takes n mutants in turn from each class, by a fixed seed.
func campaignSample(mutants []mutant, n int) []mutant {
	random := rand.New(rand.NewPCG(1, 4))
	classes := map[string][]mutant{}
	for _, i := range random.Perm(len(mutants)) {
		classes[mutants[i].class] = append(classes[mutants[i].class], mutants[i])
	}
	var sample []mutant
	for round := 0; len(sample) < n; round++ {
		for _, class := range slices.Sorted(maps.Keys(classes)) {
			if round < len(classes[class]) && len(sample) < n {
				sample = append(sample, classes[class][round])
			}
		}
	}
	return sample
}

// The whole campaign: of all mutants at least campaignShare are noticed, and the others listed with the reason.
func TestCampaign(t *testing.T) {
	if os.Getenv("TIERFORM_CAMPAIGN") == "" {
		t.Skip("takes minutes: make test-long runs it")
	}
	c := newCampaign(t)
	mutants, _ := campaignMutants(t, c.files)
	only := os.Getenv("TIERFORM_CAMPAIGN")
	if n, err := strconv.Atoi(only); err == nil && n > 1 {
		rand.New(rand.NewPCG(2, 4)).Shuffle(len(mutants), func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
		mutants = mutants[:min(n, len(mutants))]
	} else if err != nil {
		pattern := regexp.MustCompile(only)
		mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !pattern.MatchString(m.class + " " + m.String()) })
	}
	start, tallies, used := time.Now(), map[string]*campaignTally{}, map[string]bool{}
	total := &campaignTally{}
	c.run(mutants, func(i int, verdict string, rules []string) {
		m := mutants[i]
		if tallies[m.class] == nil {
			tallies[m.class] = &campaignTally{}
		}
		tallies[m.class].count(verdict)
		total.count(verdict)
		excuse := c.survivor(m)
		switch {
		case excuse != nil && verdict == mutantSurvived:
			used[excuse.text] = true
		case excuse != nil:
			t.Errorf("survivors.txt: %s is noticed by %v: %s", excuse.text, rules, m)
		case verdict == mutantSurvived:
			t.Error("no rule notices ", m.class, m)
		}
	})
	for _, class := range slices.Sorted(maps.Keys(tallies)) {
		fmt.Printf("%-32s %s\n", class, tallies[class])
	}
	fmt.Printf("%-32s %s in %s\n", "total", total, time.Since(start).Round(time.Second))
	for _, s := range c.survivors {
		if !used[s.text] && only == "1" {
			t.Error("survivors.txt: no such mutant survives: ", s.text)
		}
	}
	if total.share() < campaignShare {
		t.Errorf("%.1f %% noticed, want %.0f %%", 100*total.share(), 100*campaignShare)
	}
}

// A campaignTally counts verdicts.
type campaignTally struct{ all, failed, unsure, problems int }

func (c *campaignTally) count(verdict string) {
	c.all++
	switch verdict {
	case mutantFailed:
		c.failed++
	case mutantUnsure:
		c.unsure++
	case mutantProblem:
		c.problems++
	}
}

func (c *campaignTally) share() float64 {
	return float64(c.failed+c.unsure+c.problems) / float64(cmp.Or(c.all, 1))
}

func (c *campaignTally) String() string {
	return fmt.Sprintf("%5d of %5d noticed (%5.1f %%): %d failed, %d unknown, %d problems", c.failed+c.unsure+c.problems, c.all, 100*c.share(), c.failed, c.unsure, c.problems)
}
