package checks

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"
)

// Verdicts on a mutant.
const (
	mutantSurvived = ""
	mutantFailed   = "fail"
	mutantUnsure   = "unknown"
	mutantProblem  = "problem"
)

// A campaign judges mutants of the golden templates, deployed as production and as an environment that owns what it can.
type campaign struct {
	files     map[string]string
	documents map[string]*yaml.Node
	set       *Set
	worlds    []Environment
	baselines []campaignFindings
	survivors []campaignSurvivor
}

// campaignFindings counts the findings of all rules by what and where they are, and the world's problems.
type campaignFindings struct {
	findings map[Finding]int
	problems int
}

// A campaignSurvivor is a line of survivors.txt: mutants that no rule notices, and why that does not matter.
type campaignSurvivor struct {
	text, reason string
	fields       []*regexp.Regexp
}

func (s campaignSurvivor) fits(m mutant) bool {
	for i, field := range []string{m.template, m.logicalID, m.path, m.mutation} {
		if !s.fields[i].MatchString(field) {
			return false
		}
	}
	return true
}

func newCampaign(t testing.TB) *campaign {
	t.Helper()
	files, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	set, err := goldenSet()
	if err != nil {
		t.Fatal(err)
	}
	production := goldenParameters(t, "prod")
	own := maps.Clone(production)
	maps.Copy(own, map[string]string{"InterfaceEndpoints": "disabled", "CertificateArn": "", "DomainName": "pay.example.com", "HostedZoneId": "Z0123456789",
		"AuditArchiveBucketName": "", "AuditArchiveKeyArn": "", "EnvironmentSuffix": "own"})
	maps.Copy(own, ownPipelines())
	c := &campaign{files: files, documents: map[string]*yaml.Node{}, set: set, worlds: []Environment{{Parameters: production}, {Parameters: own}}}
	for name, text := range files {
		c.documents[name] = campaignParse(t, text)
	}
	for _, env := range c.worlds {
		c.baselines = append(c.baselines, campaignJudge(set, env))
	}
	for _, fields := range campaignFields(t, "survivors.txt") {
		if len(fields) < 5 {
			t.Fatalf("survivors.txt: %q has no reason", fields)
		}
		s := campaignSurvivor{text: strings.Join(fields[:4], " "), reason: strings.Join(fields[4:], " ")}
		for _, field := range fields[:4] {
			s.fields = append(s.fields, campaignGlob(field))
		}
		c.survivors = append(c.survivors, s)
	}
	return c
}

// campaignRules are the rules in two groups: those that evaluate series take longest and are not asked when others fail.
func campaignRules() [][]Rule {
	series := func(r Rule) bool { return strings.HasPrefix(r.ID, "ALA") || strings.HasPrefix(r.ID, "SCA") }
	others := func(r Rule) bool { return !series(r) }
	return [][]Rule{slices.DeleteFunc(Rules(), series), slices.DeleteFunc(Rules(), others)}
}

// campaignJudge runs all rules.
func campaignJudge(set *Set, env Environment) campaignFindings {
	w := Deploy(set, env)
	found := campaignFindings{findings: map[Finding]int{}, problems: len(w.Problems)}
	for _, rules := range campaignRules() {
		found.add(w, rules)
	}
	return found
}

// add counts what rules find. Lines and values are left out: they change with the mutation.
func (c campaignFindings) add(w *World, rules []Rule) {
	for _, result := range Verify(w, rules) {
		for _, f := range result.Findings {
			c.findings[Finding{Rule: f.Rule, Outcome: f.Outcome, Template: f.Template, LogicalID: f.LogicalID, Path: f.Path}]++
		}
	}
}

// verdict is how a mutant is noticed, and by which rules.
func (c *campaign) verdict(m mutant) (string, []string) {
	document := campaignCopy(c.documents[m.template])
	m.apply(document)
	decoded, err := (&decoder{}).decode(document, 0)
	if err != nil {
		return mutantProblem, nil
	}
	set := &Set{Templates: slices.Clone(c.set.Templates)}
	for i, template := range set.Templates {
		if template.Name == m.template {
			set.Templates[i] = &Template{Name: m.template, hash: template.hash, document: decoded}
		}
	}
	for i, env := range c.worlds {
		w, rules := Deploy(set, env), map[string]bool{}
		now, verdict := campaignFindings{findings: map[Finding]int{}, problems: len(w.Problems)}, mutantSurvived
		for _, group := range campaignRules() {
			now.add(w, group)
			if verdict = c.compare(i, now, rules); verdict == mutantFailed {
				break
			}
		}
		if verdict != mutantSurvived {
			return verdict, slices.Sorted(maps.Keys(rules))
		}
	}
	return mutantSurvived, nil
}

// compare tells what a judgement has that golden's does not: a failure rather than a problem or an unknown.
func (c *campaign) compare(world int, now campaignFindings, rules map[string]bool) string {
	before, verdict := c.baselines[world], mutantSurvived
	if now.problems > before.problems {
		verdict = mutantProblem
	}
	for _, outcome := range []Outcome{Unsure, Fail} {
		for f, n := range now.findings {
			if f.Outcome == outcome && n > before.findings[f] {
				rules[f.Rule], verdict = true, string(outcome)
			}
		}
	}
	return verdict
}

// survivor is the line that excuses a mutant, or nil.
func (c *campaign) survivor(m mutant) *campaignSurvivor {
	for i := range c.survivors {
		if c.survivors[i].fits(m) {
			return &c.survivors[i]
		}
	}
	return nil
}

// run judges mutants with two workers and gives their verdicts in order.
func (c *campaign) run(mutants []mutant, each func(i int, verdict string, rules []string)) {
	var group sync.WaitGroup
	var lock sync.Mutex
	for worker := range 2 {
		group.Go(func() {
			for i := worker; i < len(mutants); i += 2 {
				verdict, rules := c.verdict(mutants[i])
				lock.Lock()
				each(i, verdict, rules)
				lock.Unlock()
			}
		})
	}
	group.Wait()
}
