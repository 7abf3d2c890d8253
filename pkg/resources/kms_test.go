package resources_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

func TestKeyIsRotatedAndDeletable(t *testing.T) {
	it := rendered(t, just(resources.Key("A key", resources.KeyUseByLogs("log-*"))))
	p := it["Properties"]
	if follow(p, "EnableKeyRotation") != true || follow(p, "PendingWindowInDays") != 7 {
		t.Errorf("key is %v", p)
	}
	if it["DeletionPolicy"] != "Delete" || it["UpdateReplacePolicy"] != "Delete" || follow(it, "Metadata", "Stateful") != true {
		t.Errorf("key is kept: %v", it)
	}
}

// PCI DSS 3.6.1: who manages keys does not read what they encrypt.
func TestAdministratorsCannotUseAKey(t *testing.T) {
	administrators := bySid(t, follow(rendered(t, just(resources.Key("A key"))), "Properties", "KeyPolicy"))["Administrators"]
	actions, _ := administrators["Action"].([]any)
	if len(actions) == 0 {
		t.Fatal("nobody can manage the key")
	}
	for _, action := range actions {
		for _, use := range []string{"crypt", "GenerateDataKey", "CreateGrant", "Sign", "*"} {
			if strings.Contains(action.(string), use) {
				t.Errorf("administrators may %s", action)
			}
		}
	}
	for _, needed := range []string{"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"} {
		if !strings.Contains(strings.Join(strs(actions), " "), needed) {
			t.Errorf("nobody may %s: the key is lost to its account", needed)
		}
	}
}

func strs(list []any) (texts []string) {
	for _, each := range list {
		texts = append(texts, each.(string))
	}
	return texts
}

func TestKeyUseIsHeldToRolesAndService(t *testing.T) {
	it := rendered(t, just(resources.Key("A key",
		resources.KeyUseByRole("Use", "rds", []string{"kms:Decrypt"}, "role-a", "role-b-*"),
		resources.KeyGrantsByRole("Grants", "rds", "role-a"))))
	statements := bySid(t, follow(it, "Properties", "KeyPolicy"))
	conditions := func(operator, key string) map[string]any {
		return map[string]any{
			"ArnLike": map[string]any{"aws:PrincipalArn": []any{
				map[string]any{"Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/role-a"}}},
			"StringEquals": map[string]any{"kms:CallerAccount": []any{map[string]any{"Ref": "AWS::AccountId"}},
				"kms:ViaService": []any{map[string]any{"Sub": "rds.${AWS::Region}.${AWS::URLSuffix}"}}},
			operator: map[string]any{key: []any{"true"}},
		}
	}
	if diff := cmp.Diff(conditions("Bool", "kms:GrantIsForAWSResource"), statements["Grants"]["Condition"]); diff != "" {
		t.Error(diff)
	}
	if got := follow(statements["Grants"], "Action"); !cmp.Equal(got, []any{"kms:CreateGrant"}) {
		t.Errorf("grants: %v", got)
	}
	if got := follow(statements["Use"], "Condition", "ArnLike", "aws:PrincipalArn", 1, "Sub"); got != "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/role-b-*" {
		t.Errorf("second role is %v", got)
	}
	for sid, s := range statements {
		if sid != "Administrators" && follow(s, "Condition") == nil {
			t.Errorf("%s has no condition", sid)
		}
	}
}

func TestKeyAliasAndExemption(t *testing.T) {
	weak := resources.KeyUseByPublishers("Events", "topic", "events.amazonaws.com")
	weak.Exempt = "no source condition"
	it := rendered(t, just(resources.Key("A key", weak)))
	if got := follow(it, "Metadata", "Exemptions", "Events"); got != "no source condition" {
		t.Errorf("exemption is %v", got)
	}
	alias := rendered(t, just(resources.KeyAlias("data-dev", cfn.KeyARN("arn:key"))))
	if diff := cmp.Diff(map[string]any{"AliasName": "alias/data-dev", "TargetKeyId": "arn:key"}, alias["Properties"]); diff != "" {
		t.Error(diff)
	}
}
