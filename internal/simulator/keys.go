package simulator

import (
	"strconv"
	"time"
)

// A masterKey is one of AWS KMS.
type masterKey struct {
	id, arn string
	tags    map[string]string
	// deletion is until when it waits for its deletion; zero for one that is enabled.
	deletion time.Time
}

// waitingDays is for how long a key waits whose PendingWindowInDays is not given (AWS::KMS::Key, Template reference).
const waitingDays = 30

func (s *Simulator) keyActions() map[string]action {
	return map[string]action{"DescribeKey": s.describeKey, "ListResourceTags": s.keyTags}
}

// appearKey makes a key of a stack exist, or exist again.
func (s *Simulator) appearKey(r *resource) {
	s.keys[r.physical] = &masterKey{id: r.physical, arn: s.arnOf(r), tags: r.tags}
}

// deleteKey makes a key wait for its deletion, 7 to 30 days (KMS Developer Guide, "Delete an AWS KMS key"). It keeps its tags meanwhile.
func (s *Simulator) deleteKey(r *resource) {
	k := s.keys[r.physical]
	k.deletion = s.present().AddDate(0, 0, integer(property(r, "PendingWindowInDays"), waitingDays))
	if len(r.tags) > 0 {
		s.lingering = append(s.lingering, tagged{k.arn, r.tags})
	}
}

// key finds one by ID or ARN; nil for none, or for one whose waiting is over.
func (s *Simulator) key(name string) *masterKey {
	for _, id := range sortedKeys(s.keys) {
		if k := s.keys[id]; (k.id == name || k.arn == name) && (k.deletion.IsZero() || s.present().Before(k.deletion)) {
			return k
		}
	}
	return nil
}

func keyNotFound(name string) error {
	return refuse("NotFoundException", "Key '%s' does not exist", name)
}

// describeKey tells the state of a key (AWS KMS API reference, DescribeKey).
func (s *Simulator) describeKey(c *call) (any, error) {
	k := s.key(c.text("KeyId"))
	if k == nil {
		return nil, keyNotFound(c.text("KeyId"))
	}
	m := map[string]any{"KeyId": k.id, "Arn": k.arn, "AWSAccountId": s.options.Account, "KeyManager": "CUSTOMER", "KeyState": "Enabled", "Enabled": true}
	m["KeyState"], m["Enabled"] = s.keyState(k)
	if !k.deletion.IsZero() {
		m["KeyState"], m["Enabled"], m["DeletionDate"] = "PendingDeletion", false, epochSeconds(k.deletion)
	}
	return map[string]any{"KeyMetadata": m}, nil
}

func (s *Simulator) keyTags(c *call) (any, error) {
	k := s.key(c.text("KeyId"))
	if k == nil {
		return nil, keyNotFound(c.text("KeyId"))
	}
	return map[string]any{"Tags": tagList(k.tags, "TagKey", "TagValue"), "Truncated": false}, nil
}

// CreateKey makes a key outside of any stack and returns its ARN.
func (s *Simulator) CreateKey() string {
	s.lock.Lock()
	defer s.lock.Unlock()
	id := s.nextID()
	s.keys[id] = &masterKey{id: id, arn: s.arn("kms", "key/"+id)}
	return s.keys[id].arn
}

// DeleteKey schedules the deletion of a key, by ARN, after a number of days.
func (s *Simulator) DeleteKey(arn string, days int) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	k := s.key(arn)
	if k == nil {
		return errAbsent("key", arn+" to be deleted in "+strconv.Itoa(days)+" days")
	}
	k.deletion = s.present().AddDate(0, 0, days)
	return nil
}
