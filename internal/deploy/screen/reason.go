package screen

import (
	"regexp"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// What CloudFormation says of a stack in which something failed: that it failed, by its ARN, and the logical IDs of what did. Events of
// JSON keep its words.
var (
	followed = regexp.MustCompile(`The following resource\(s\) failed to \w+: \[([^\]]*)\]`)
	embedded = regexp.MustCompile(`^Embedded stack \S+ was not successfully (\w+)[.:]?\s*(?:Currently in \w+ with reason:\s*)?`)
)

// reason is why something has a status, in one line: of a stack that only followed from what failed in it, because of what.
func reason(typ, text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if typ != stackType {
		return text
	}
	if names := follows(typ, text); names != nil {
		return "because of " + strings.Join(names, ", ")
	}
	if found := embedded.FindStringSubmatch(text); found != nil {
		return strings.TrimSuffix("the nested stack was not "+found[1]+": "+text[len(found[0]):], ": ")
	}
	return text
}

// follows are the names of what failed in a stack, by its reason; nil for a stack that failed by itself.
func follows(typ, text string) (names []string) {
	found := followed.FindStringSubmatch(text)
	if typ != stackType || found == nil {
		return nil
	}
	for id := range strings.SplitSeq(found[1], ",") {
		if id = strings.TrimSpace(id); id != "" {
			names = append(names, report.StackName(id))
		}
	}
	return names
}
