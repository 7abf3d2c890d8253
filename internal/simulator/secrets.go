package simulator

import (
	"strings"
	"time"
)

// A secret is one of Secrets Manager; its value is nobody's business.
type secret struct {
	name, arn, owner string
	tags             map[string]string
	at, deleted      time.Time // deleted is when it was scheduled for deletion
}

func (s *Simulator) secretActions() map[string]action {
	return map[string]action{"ListSecrets": s.listSecrets, "DescribeSecret": s.describeSecret}
}

func (x *secret) members(s *Simulator) map[string]any {
	m := map[string]any{"ARN": x.arn, "Name": x.name, "CreatedDate": epochSeconds(x.at), "Tags": tagList(x.tags, "Key", "Value")}
	if x.owner != "" {
		m["OwningService"] = x.owner
	}
	if !x.deleted.IsZero() {
		m["DeletedDate"] = epochSeconds(x.deleted)
	}
	s.rotationOf(x, m)
	return m
}

// listSecrets leaves out secrets that wait for their deletion, unless asked for them (API reference, IncludePlannedDeletion).
func (s *Simulator) listSecrets(c *call) (any, error) {
	list := []any{}
	for _, name := range sortedKeys(s.secrets) {
		x := s.secrets[name]
		if (x.deleted.IsZero() || c.body["IncludePlannedDeletion"] == true) && x.fits(c) {
			list = append(list, x.members(s))
		}
	}
	return paged(c, "SecretList", "NextToken", c.number("MaxResults", 100), list), nil
}

// fits tells whether a secret's name begins as a filter wants.
func (x *secret) fits(c *call) bool {
	filters, _ := c.body["Filters"].([]any)
	for _, f := range filters {
		filter, _ := f.(map[string]any)
		values, _ := filter["Values"].([]any)
		fits := false
		for _, v := range values {
			fits = fits || filter["Key"] == "name" && strings.HasPrefix(x.name, textOf(v)) || filter["Key"] == "owning-service" && x.owner == textOf(v)
		}
		if !fits {
			return false
		}
	}
	return true
}

func (s *Simulator) describeSecret(c *call) (any, error) {
	for _, x := range s.secrets {
		if x.arn == c.text("SecretId") || x.name == c.text("SecretId") {
			return x.members(s), nil
		}
	}
	return nil, refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}
