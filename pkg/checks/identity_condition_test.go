package checks

import "testing"

func TestConditions(t *testing.T) {
	cases := []struct {
		operator, value string
		have            []string
		want            Tri
	}{
		{"StringEquals", "a", []string{"a"}, Yes},
		{"StringEquals", "a", []string{"A"}, No},
		{"StringEquals", "a", nil, No},
		{"StringEqualsIfExists", "a", nil, Yes},
		{"StringNotEquals", "a", []string{"b"}, Yes},
		{"StringNotEquals", "a", []string{"a"}, No},
		{"StringNotEquals", "a", nil, Yes},
		{"StringNotLike", "a*", []string{"ab"}, No},
		{"StringEqualsIgnoreCase", "a", []string{"A"}, Yes},
		{"StringNotEqualsIgnoreCase", "a", []string{"A"}, No},
		{"StringLike", "a?c*", []string{"abcd"}, Yes},
		{"StringLike", "a*c*e", []string{"abcde"}, Yes},
		{"StringLike", "a*c", []string{"abd"}, No},
		{"StringLike", "abc*", []string{"ab"}, No},
		{"StringLike", "${aws:username}", []string{"x"}, Maybe},
		{"ArnLike", "arn:aws:iam::*:role/x*", []string{"arn:aws:iam::1:role/xy"}, Yes},
		{"ArnEquals", "arn:aws:iam:*", []string{"arn:aws:iam::1:role/xy"}, No},
		{"ArnEquals", "arn:aws:s3:::a", []string{"arn:aws:s3:::b"}, No},
		{"ArnNotEquals", "arn:aws:s3:::a", []string{"arn:aws:s3:::b"}, Yes},
		{"Bool", "true", []string{"True"}, Yes},
		{"Null", "true", nil, Yes},
		{"Null", "false", []string{"x"}, Yes},
		{"Null", "false", nil, No},
		{"NumericEquals", "1", []string{"1.0"}, Yes},
		{"NumericNotEquals", "1", []string{"1.0"}, No},
		{"NumericLessThan", "1.2", []string{"1.1"}, Yes},
		{"NumericLessThan", "1.2", []string{"x"}, No},
		{"NumericLessThanEquals", "1.2", []string{"1.2"}, Yes},
		{"NumericGreaterThan", "1.2", []string{"1.2"}, No},
		{"NumericGreaterThanEquals", "1.2", []string{"1.2"}, Yes},
		{"ForAnyValue:StringEquals", "a", []string{"b", "a"}, Yes},
		{"ForAnyValue:StringNotEquals", "a", []string{"b", "a"}, Yes},
		{"ForAnyValue:StringNotEquals", "a", nil, No},
		{"ForAllValues:StringEquals", "a", []string{"b", "a"}, No},
		{"ForAllValues:StringEquals", "a", nil, Yes},
		{"DateLessThan", "2030-01-01", []string{"2029-01-01"}, Maybe},
	}
	for _, c := range cases {
		condition := newCondition(c.operator, "aws:Key", place{value: Text(c.value)})
		if got := condition.holds(map[string][]string{"aws:key": c.have}); got.tri != c.want {
			t.Errorf("%s %s of %v is %s, want %s", c.operator, c.value, c.have, got.tri, c.want)
		}
		if got := condition.holds(nil); got.tri != Maybe || got.unknown || got.why != "it depends on aws:Key" {
			t.Errorf("%s without context is %+v, want one that depends on the key", c.operator, got)
		}
	}
	unknown := newCondition("Null", "aws:Key", place{value: Unknown("why")})
	if got := unknown.holds(map[string][]string{"aws:key": nil}); got.tri != No {
		t.Errorf("a value that is not known says %v before it is known", got)
	}
	for _, operator := range []string{"StringEquals", "StringNotEquals"} {
		unknown := newCondition(operator, "aws:Key", place{value: Unknown("why")})
		if got := unknown.holds(map[string][]string{"aws:key": {"x"}}); got != unknownVerdict("why") {
			t.Errorf("%s of an unknown value is %v", operator, got)
		}
	}
}

func TestWhatNarrows(t *testing.T) {
	cases := []struct {
		operator, key, value string
		want                 bool
	}{
		{"StringEquals", "aws:SourceAccount", "111122223333", true},
		{"StringEquals", "AWS:sourceaccount", "111122223333", true},
		{"StringEquals", "aws:SourceAccount", "*", false},
		{"StringEqualsIfExists", "aws:SourceAccount", "111122223333", false},
		{"StringNotEquals", "aws:SourceAccount", "111122223333", false},
		{"ForAllValues:StringEquals", "aws:SourceAccount", "111122223333", false},
		{"StringEquals", "aws:RequestedRegion", "us-east-1", false},
		{"ArnLike", "aws:SourceArn", "arn:aws:logs:us-east-1:111122223333:*", true},
		{"ArnLike", "aws:SourceArn", "arn:aws:logs:us-east-1:*:*", false},
		{"ArnLike", "aws:SourceArn", "arn:aws:s3:::bucket", true},
		{"ArnLike", "aws:SourceArn", "arn:*", false},
		{"ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/deploy-*", true},
		{"ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*", false},
		{"ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:user/", false},
		{"ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/deploy", false},
		{"Bool", "aws:SourceAccount", "false", false},
		{"IpAddress", "aws:SourceAccount", "10.0.0.0/8", false},
	}
	for _, c := range cases {
		condition := newCondition(c.operator, c.key, place{value: Text(c.value)})
		if got := condition.narrows("aws:SourceAccount", "aws:SourceArn", "aws:PrincipalArn"); got != c.want {
			t.Errorf("%s %s %s narrows: %v, want %v", c.operator, c.key, c.value, got, c.want)
		}
	}
}

func TestAnswers(t *testing.T) {
	for answer, want := range map[Tri]string{No: "no", Maybe: "maybe", Yes: "yes"} {
		if answer.String() != want {
			t.Errorf("%d is %s, want %s", answer, answer, want)
		}
	}
	if covers("?b", "ac") || covers("a?", "a") || !covers("a*", "a") || covers("*a", "ab") {
		t.Error("wildcards match wrongly")
	}
	if coversVariable("${open*", "x", true) || !coversVariable("A${x}b*", "a1B2", true) {
		t.Error("policy variables match wrongly")
	}
}
