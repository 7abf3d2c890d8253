package checks

import (
	_ "embed"
	"regexp"
	"strconv"
	"strings"
)

//go:embed service_settings.txt
var serviceSettings string

// setting is a row of service_settings.txt.
type setting struct {
	kind, path string
	property   string         // that it depends on; "" for always
	like       *regexp.Regexp // what that property is; nil if it need only exist
	allowed    func(v Value) bool
	otherwise  Value // what AWS takes
	needed     string
}

// settingsOf are the settings that a rule judges.
func settingsOf(rule string) []setting {
	var list []setting
	for _, row := range tableRows(serviceSettings) {
		if row[0] != rule {
			continue
		}
		s := setting{kind: row[1], path: row[2], allowed: allowedSetting(row[4]), needed: strings.Join(row[6:], " ")}
		if property, like, isCompared := strings.Cut(row[3], "="); isCompared {
			s.property, s.like = property, whole(like)
		} else if property != "-" {
			s.property = property
		}
		if row[5] != "-" {
			s.otherwise = Text(row[5])
		}
		list = append(list, s)
	}
	return list
}

// allowedSetting reads what a setting may be.
func allowedSetting(text string) func(Value) bool {
	if from, to, isRange := strings.Cut(text, ".."); isRange {
		least, _ := strconv.Atoi(from)
		most, _ := strconv.Atoi(to)
		return func(v Value) bool { return v.between(least, most) }
	}
	if text == "given" {
		return Value.Exists
	}
	pattern := whole(text)
	return func(v Value) bool { return pattern.MatchString(v.String()) }
}

// whole is a regular expression of a table, which a text has to fit as a whole.
func whole(text string) *regexp.Regexp { return regexp.MustCompile("^(?:" + text + ")$") }

// between tells whether a value is a whole number of a range.
func (v Value) between(least, most int) bool {
	n, ok := v.Int()
	return ok && n >= least && n <= most
}

// checkSettings is a rule of service_settings.txt.
func checkSettings(rule string) func(w *World, l *Looking) {
	return func(w *World, l *Looking) {
		for _, s := range settingsOf(rule) {
			for _, r := range w.OfType(s.kind) {
				l.setting(r, s)
			}
		}
	}
}

// setting judges what is given, or else what AWS takes.
func (l *Looking) setting(r *Resource, s setting) {
	condition := r.At(s.property)
	maybe := condition.Unknown()
	if maybe == "" && (!condition.Exists() && s.property != "" && s.like == nil || s.like != nil && !s.like.MatchString(condition.String())) {
		return
	}
	l.Look()
	path, v := settingAt(r, s.path)
	switch {
	case v.Exists() && s.allowed(v), !v.Exists() && s.otherwise.Exists() && s.allowed(s.otherwise):
	case maybe != "":
		l.Unsure(r, path, s.needed, maybe)
	case !v.Exists() && s.otherwise.Exists():
		l.FailUnlessExcused(r, path, Text("nothing, for which AWS takes "+s.otherwise.String()), s.needed, "set "+s.path)
	default:
		l.FailUnlessExcused(r, path, v, s.needed, "set "+s.path)
	}
}

// settingAt is the value of a property or of an attribute, written Attributes[key], and where it stands.
func settingAt(r *Resource, path string) (string, Value) {
	list, key, isAttribute := strings.Cut(strings.TrimSuffix(path, "]"), "[")
	if !isAttribute {
		return path, r.At(path)
	}
	for _, at := range expandPath(r.Properties, list+"[*]") {
		if attribute := r.At(at); attribute.Unknown() != "" || attribute.Field("Key").String() == key {
			return at + ".Value", attribute.Field("Value")
		}
	}
	return list, Value{}
}

// attributeLists are where Elastic Load Balancing takes attributes.
var attributeLists = [][2]string{
	{"AWS::ElasticLoadBalancingV2::Listener", "ListenerAttributes"},
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerAttributes"},
	{targetGroupType, "TargetGroupAttributes"},
}

// checkAttributes wants attributes with a name, which none has twice, and a value: a slip of a name is a default taken.
func checkAttributes(w *World, l *Looking) {
	for _, list := range attributeLists {
		for _, r := range w.OfType(list[0]) {
			seen := map[string]bool{}
			for _, path := range expandPath(r.Properties, list[1]+"[*]") {
				l.Look()
				key, v := r.At(path+".Key"), r.At(path+".Value")
				switch {
				case key.String() == "" || seen[key.String()]:
					l.FailUnlessExcused(r, path+".Key", key, "the name of an attribute, once", "name the attribute")
				case !v.Exists():
					l.FailUnlessExcused(r, path+".Value", v, "a value for "+key.String(), "give the attribute its value")
				}
				seen[key.String()] = true
			}
		}
	}
}
