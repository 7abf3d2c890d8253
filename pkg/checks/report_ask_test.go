package checks

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// asked runs a question and returns what it prints.
func reachText(t *testing.T, w *World, from, to string) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteReach(&b, w, from, to); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A path is printed with the place of each thing that permits it.
func TestWriteReach(t *testing.T) {
	w := goldenWorld(t)
	want := "payment-api -> db-payments-prod tcp 5432\n  egress rule   network.yaml:"
	for _, to := range []string{"db-payments-prod", "DB-payments", "database"} {
		if have := reachText(t, w, "Payment-API", to); !strings.HasPrefix(have, want) || !strings.Contains(have, "PaymentApiToDatabaseEgress\n  ingress rule  network.yaml:") {
			t.Errorf("to %q:\n%s", to, have)
		}
	}
	if diff := cmp.Diff("Nothing lets notification-service reach db-payments-prod.\n", reachText(t, w, "notification-service", "database")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("Nothing lets db-payments-prod reach anything.\n", reachText(t, w, "database", "")); diff != "" {
		t.Error(diff)
	}
	if have := reachText(t, w, "", "database"); strings.Count(have, "-> db-payments-prod") != 3 || strings.Contains(have, "internet") {
		t.Errorf("to the database:\n%s", have)
	}
	if have := reachText(t, w, "", ""); !strings.HasPrefix(have, "FROM") || !strings.Contains(have, "internet") {
		t.Errorf("table:\n%s", have)
	}
	if have := reachText(t, w, "load-balancer", "tasks"); strings.Count(have, "alb-payments-prod -> ") != 3 {
		t.Errorf("from the load balancer to tasks:\n%s", have)
	}
}

// A path of which it is not known whether it exists says why.
func TestWriteReachUnknown(t *testing.T) {
	have := reachText(t, goldenWorld(t), "transaction-processor", "alb-payments-prod")
	if !strings.Contains(have, "  unknown: what is in prefix list") {
		t.Errorf("%s", have)
	}
}

// Names that there are not, or that fit several, list what could be meant.
func TestUnknownNames(t *testing.T) {
	w := goldenWorld(t)
	for _, c := range []struct {
		ask       func() error
		name      string
		ambiguous bool
		candidate string
		says      string
	}{
		{func() error { return WriteReach(&bytes.Buffer{}, w, "paymnt-api", "") }, "paymnt-api", false, "payment-api", `there is no node "paymnt-api"; names near it:`},
		{func() error { return WriteReach(&bytes.Buffer{}, w, "internet", "payment") }, "payment", true, "alb-payments-prod", `node "payment" is ambiguous; it may be:`},
		{func() error { return WriteWhoCan(&bytes.Buffer{}, w, "kms:Decrypt", "DataKye") }, "DataKye", false, "security.yaml/DataKey", `there is no resource "DataKye"; names near it:`},
		{func() error { return WriteWhoCan(&bytes.Buffer{}, w, "kms:Decrypt", "security/DataKye") }, "security/DataKye", false, "security.yaml/DataKey", `names near it`},
		{func() error { return WriteWhoCan(&bytes.Buffer{}, w, "rds:CreateDBCluster", "Cluster") }, "Cluster", true, "platform/DataStack/Cluster", "is ambiguous"},
		{func() error {
			return WriteReach(&bytes.Buffer{}, worldOf(t, nil, map[string]string{"a.yaml": "Resources: {}"}), "x", "internet")
		}, "x", false, "internet", "there is no node"},
	} {
		var unknown *UnknownNameError
		err := c.ask()
		if !errors.As(err, &unknown) {
			t.Errorf("%s: error %v", c.name, err)
			continue
		}
		if unknown.Name != c.name || unknown.Ambiguous != c.ambiguous || !slices.Contains(unknown.Candidates, c.candidate) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	err := &UnknownNameError{Kind: "resource", Name: "x"}
	if err.Error() != `there is no resource "x"` {
		t.Errorf("without candidates: %v", err)
	}
}

// The distance of two names is the number of characters to change.
func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"key", "", 3}, {"", "key", 3}, {"key", "key", 0}, {"key", "keys", 1}, {"kye", "key", 2}, {"database", "databse", 1}} {
		if have := distance(c.a, c.b); have != c.want {
			t.Errorf("%q, %q: %d, want %d", c.a, c.b, have, c.want)
		}
	}
}

// accessed is a small platform with each kind of answer.
const accessed = `Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - Sid: Account
            Effect: Allow
            Principal: {AWS: 'arn:aws:iam::111122223333:root'}
            Action: kms:*
            Resource: '*'
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: papers}
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: reader
      AssumeRolePolicyDocument: {Statement: []}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: [s3:ListBucket, s3:GetObject]
                Resource: ['arn:aws:s3:::papers', 'arn:aws:s3:::papers/*']
              - Sid: Drafts
                Effect: Allow
                Action: s3:GetObject
                Resource: 'arn:aws:s3:::papers/drafts/?'
                Condition: {StringEquals: {aws:PrincipalTag/team: [red, blue]}}
              - Sid: Use
                Effect: Allow
                Action: kms:Decrypt
                Resource: !GetAtt Key.Arn
                Condition: {StringEquals: {kms:ViaService: !Ref Via}}
  Outsider:
    Type: AWS::IAM::Role
    Properties:
      RoleName: outsider
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']
Parameters:
  Via: {Type: String}
`

// Each principal is named once, with each statement, what it is about and its conditions.
func TestWriteWhoCan(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"a.yaml": accessed})
	var b bytes.Buffer
	for _, q := range [][2]string{{"s3:GetObject", "Bucket"}, {"kms:Decrypt", "a/Key"}} {
		if err := WriteWhoCan(&b, w, q[0], q[1]); err != nil {
			t.Fatal(err)
		}
	}
	want := `s3:GetObject on arn:aws:s3:::papers:

outsider
  unknown: the managed policy arn:aws:iam::aws:policy/ReadOnlyAccess is not in the templates

reader
  identity policy  (no Sid)  a.yaml:24 Reader Policies[0].PolicyDocument.Statement[0]
    on arn:aws:s3:::papers, arn:aws:s3:::papers/*
  identity policy  Drafts  a.yaml:27 Reader Policies[0].PolicyDocument.Statement[1]
    on arn:aws:s3:::papers/drafts/?
    if StringEquals aws:PrincipalTag/team red, blue
kms:Decrypt on arn:aws:kms:us-east-1:111122223333:key/<a/Key>:

outsider
  unknown: the managed policy arn:aws:iam::aws:policy/ReadOnlyAccess is not in the templates
  resource policy  Account  a.yaml:7 Key KeyPolicy.Statement[0]

reader
  identity policy  Use  a.yaml:32 Reader Policies[0].PolicyDocument.Statement[2]
    if StringEquals kms:ViaService unknown: parameter Via has no value
  resource policy  Account  a.yaml:7 Key KeyPolicy.Statement[0]
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// An ARN is taken as it is, an action has to be one.
func TestWriteWhoCanQuestions(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"a.yaml": strings.Replace(accessed, "      ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']\n", "", 1)})
	var b bytes.Buffer
	if err := WriteWhoCan(&b, w, "sns:Publish", "arn:aws:sns:us-east-1:111122223333:topic"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("Nobody can sns:Publish on arn:aws:sns:us-east-1:111122223333:topic.\n", b.String()); diff != "" {
		t.Error(diff)
	}
	for _, action := range []string{"", "Decrypt", "kms:", ":Decrypt", "kms:*", "kms:De?rypt", "kms:Decrypt kms:Encrypt"} {
		if err := WriteWhoCan(&b, w, action, "Key"); !errors.Is(err, ErrAction) {
			t.Errorf("%q: %v", action, err)
		}
	}
}

// Grants for several ARNs of a resource are joined: one that is known makes the principal known.
func TestGrantsAreJoined(t *testing.T) {
	text := strings.Replace(accessed, "Resource: ['arn:aws:s3:::papers', 'arn:aws:s3:::papers/*']", "Resource: ['arn:aws:s3:::papers/*']\n                Condition: {StringEquals: {aws:SourceVpc: !Ref Via}}", 1)
	w := worldOf(t, nil, map[string]string{"a.yaml": text})
	grants := w.Identity().anyOf("s3:GetObject", []string{"arn:aws:s3:::papers/x", "arn:aws:s3:::papers/drafts/1"})
	for _, g := range grants {
		if g.Principal.String() == "reader" && (g.Unknown != "" || len(g.Statements) != 2) {
			t.Errorf("%+v", g)
		}
	}
	if len(grants) != 2 {
		t.Errorf("%d grants", len(grants))
	}
}
