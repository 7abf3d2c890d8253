package screen

import (
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// count keeps how many tasks of a service run.
func (b *board) count(t report.Tasks) {
	for _, i := range b.stack(t.Path).items {
		if i.id == t.LogicalID {
			i.tasks = count(t.Running) + "/" + count(t.Desired) + " tasks"
		}
	}
}

// doing is what a resource does, as a person says it, with what is known of its tasks.
func (i *item) doing() string {
	return strings.TrimSpace(word(i.status, i.detailed) + "  " + i.tasks)
}
