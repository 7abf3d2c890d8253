package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// secretFields are the parts of requests that hold credentials and card numbers: what WAF must not keep of them, by the
// name of the field in data protection. RedactedFields knows no bodies, which logs never hold.
// Source: "Data protection" and "Logging configuration", AWS WAF Developer Guide.
func secretFields() []string {
	return []string{"SINGLE_HEADER authorization", "SINGLE_HEADER cookie", "QUERY_STRING", "BODY"}
}

// netCheckWebACLPrivacy judges what a web ACL keeps of requests: data protection is about all that it puts out, redaction
// about the log of the logging configuration alone.
func netCheckWebACLPrivacy(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::WAFv2::WebACL") {
		l.Look()
		const path = "DataProtectionConfig.DataProtections"
		list := r.At(path)
		var kept []string
		for _, item := range list.List() {
			excepted := item.At("ExcludeRuleMatchDetails").True() || item.At("ExcludeRateBasedDetails").True()
			if slices.Contains([]string{"HASH", "SUBSTITUTION"}, item.At("Action").String()) && !excepted {
				kept = append(kept, protectedFields(item.At("Field"))...)
			}
		}
		l.keptOut(r, path, list, secretFields(), kept)
	}
	for _, r := range w.OfType("AWS::WAFv2::LoggingConfiguration") {
		l.Look()
		list := r.At("RedactedFields")
		var kept []string
		for _, item := range list.List() {
			if item.At("QueryString").Exists() {
				kept = append(kept, "QUERY_STRING")
			}
			if name := item.At("SingleHeader.Name").String(); name != "" {
				kept = append(kept, "SINGLE_HEADER "+strings.ToLower(name))
			}
		}
		l.keptOut(r, "RedactedFields", list, secretFields()[:3], kept)
	}
}

// protectedFields are the fields of an item of data protection; without keys it is about all of its type.
func protectedFields(field Value) []string {
	kind := field.At("FieldType").String()
	if kind != "SINGLE_HEADER" {
		return []string{kind}
	}
	var found []string
	for _, key := range field.At("FieldKeys").Texts() {
		found = append(found, kind+" "+strings.ToLower(key))
	}
	return found
}

func (l *Looking) keptOut(r *Resource, path string, list Value, wanted, kept []string) {
	for _, field := range wanted {
		switch {
		case slices.Contains(kept, field):
		case list.anyUnknown() != "":
			l.Unsure(r, path, field+" kept out", list.anyUnknown())
		default:
			l.FailUnlessExcused(r, path, Text("no "+field), field+" kept out", "Add it")
		}
	}
}

// flowFields are what must be known of traffic: who, with whom, how, when, whether it was let in, and, where a gateway
// translates addresses, who it was behind it.
// Source: "Flow log records", Amazon VPC User Guide.
func flowFields() []string {
	return []string{"interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "start", "end", "action", "log-status",
		"pkt-srcaddr", "pkt-dstaddr", "flow-direction"}
}

// defaultFormat is what a flow log that names none writes: version 2 of the records, without the fields of later ones.
const defaultFormat = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"

// flowSeconds is how long a flow log may gather: its records are then at hand within minutes. The default is 600.
const flowSeconds = 60

func netCheckFlowRecords(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::EC2::FlowLog") {
		l.Look()
		format := r.At("LogFormat")
		missing := slices.DeleteFunc(flowFields(), func(field string) bool {
			return strings.Contains(cmp.Or(format.String(), defaultFormat), "${"+field+"}")
		})
		if len(missing) > 0 {
			l.FailUnlessExcused(r, "LogFormat", format, "a format with "+strings.Join(missing, ", "), "Add the fields")
		}
		if v := r.At("MaxAggregationInterval"); v.String() != fmt.Sprint(flowSeconds) {
			l.FailUnlessExcused(r, "MaxAggregationInterval", v, fmt.Sprint(flowSeconds), "Set MaxAggregationInterval to "+fmt.Sprint(flowSeconds))
		}
	}
}
