package checks

import (
	_ "embed"
	"slices"
	"strings"
)

const eventSubscriptionType = "AWS::RDS::EventSubscription"

//go:embed logs_events.txt
var databaseEvents string

// checkDatabaseEvents wants every database's failures, maintenance and changes of configuration told to a topic.
func checkDatabaseEvents(w *World, l *Looking) {
	databases := w.OfType("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")
	if len(databases) == 0 {
		return
	}
	for _, row := range tableRows(databaseEvents) {
		subjects := w.OfType(row[1])
		if row[1] == "-" {
			subjects = databases[:1]
		}
		categories := strings.Split(strings.ReplaceAll(row[2], "_", " "), ",")
		for _, r := range subjects {
			l.Look()
			checkSubscribed(w, l, r, row[0], categories)
		}
	}
}

// checkSubscribed wants a subscription that tells the events of a resource. What a subscription leaves out, sources or
// categories, it tells of all (AWS::RDS::EventSubscription).
func checkSubscribed(w *World, l *Looking, r *Resource, source string, categories []string) {
	needed := "events (" + strings.Join(categories, ", ") + ") of source type " + source + " told to a topic"
	unknown := ""
	for _, s := range w.OfType(eventSubscriptionType) {
		why := s.Properties.anyUnknown() + s.Maybe
		covers := s.At("SourceType").String() == source && s.At("Enabled").String() != "false" && s.At("SnsTopicArn").String() != "" &&
			holdsAll(s.At("EventCategories"), categories) && (source == "db-security-group" || lists(w, s.At("SourceIds"), r))
		switch {
		case covers && s.Maybe == "":
			return
		case why != "":
			unknown = s.Where() + ": " + why
		}
	}
	if unknown != "" {
		l.Unsure(r, "", needed, unknown)
		return
	}
	l.FailUnlessExcused(r, "", Text("no event subscription that does"), needed, "declare "+eventSubscriptionType)
}

func holdsAll(list Value, wanted []string) bool {
	return !list.Exists() || !slices.ContainsFunc(wanted, func(text string) bool { return !slices.Contains(list.Texts(), text) })
}

func lists(w *World, ids Value, r *Resource) bool {
	return !ids.Exists() || slices.ContainsFunc(ids.List(), func(id Value) bool { return w.Find(id) == r })
}
