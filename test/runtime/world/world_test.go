package world

import (
	"maps"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"
)

func TestWildcard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"/payments", "/payments", true},
		{"/payments", "/Payments", false},
		{"/payments/*", "/payments/", true},
		{"/payments/*", "/payments", false},
		{"/payments/*", "/payments/a/b", true},
		{"/*/img", "/a/b/img", true},
		{"/?", "/", false},
		{"/?", "/a", true},
		{"/?", "/ab", false},
		{"/a?c*", "/abcd", true},
		{"", "", true},
		{"", "/", false},
	} {
		if got := wildcard(c.pattern, c.text); got != c.want {
			t.Errorf("%q of %q: %t, want %t", c.pattern, c.text, got, c.want)
		}
	}
}

func TestListenerRoutesByPriorityAndAllConditions(t *testing.T) {
	t.Parallel()
	to := func(name string) Action { return Action{Type: "forward", Weights: map[string]int{name: 1}} }
	l := Listener{Default: Action{Type: "fixed-response", Status: 404}, Rules: []ListenerRule{
		{Priority: 1, Paths: []string{"/a*"}, Methods: []string{"POST"}, Action: to("posts")},
		{Priority: 2, Paths: []string{"/a*"}, Sources: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Action: to("inside")},
		{Priority: 3, Paths: []string{"/a*"}, Hosts: []string{"*.Example.com"}, Headers: map[string][]string{"X-Beta": {"y*"}}, Action: to("beta")},
		{Priority: 4, Paths: []string{"/a"}, Action: to("rest")},
	}}
	beta := http.Header{"X-Beta": {"YES"}}
	for _, c := range []struct {
		method, host, path, client string
		header                     http.Header
		want                       string
	}{
		{"POST", "x", "/a", "10.1.1.1", nil, "posts"},
		{"GET", "x", "/a", "10.1.1.1", nil, "inside"},
		{"GET", "www.example.com", "/ab", "192.0.2.1", beta, "beta"},
		{"GET", "www.example.org", "/a", "192.0.2.1", beta, "rest"},
		{"GET", "www.example.com", "/ab", "192.0.2.1", nil, ""},
	} {
		got := l.Route(c.method, c.host, c.path, netip.MustParseAddr(c.client), c.header)
		if name := got.choose(func(int) int { return 0 }); name != c.want || name == "" && got.Status != 404 {
			t.Errorf("%s %s%s from %s: %+v, want %q", c.method, c.host, c.path, c.client, got, c.want)
		}
	}
}

func TestForwardChoosesByWeight(t *testing.T) {
	t.Parallel()
	a := Action{Weights: map[string]int{"blue": 10, "green": 90, "old": 0}}
	got := map[string]int{}
	for i := range 100 {
		got[a.choose(func(int) int { return i })]++
	}
	if d := cmp.Diff(map[string]int{"blue": 10, "green": 90}, got); d != "" {
		t.Error(d)
	}
	if name := (Action{Weights: map[string]int{"blue": 0}}).choose(nil); name != "" {
		t.Errorf("a group of weight 0 is chosen: %s", name)
	}
}

func TestEnvironFillsReferencesAndSecrets(t *testing.T) {
	t.Parallel()
	c := Container{Service: "s", Name: "application", Environment: map[string]string{"HOST": "<platform/D/C>.Address", "PORT": "1"},
		Secrets: map[string]Secret{"PASSWORD": {ARN: "arn", Key: "password"}}}
	v := Values{References: map[string]string{"<platform/D/C>.Address": "db"}, Secrets: map[string]map[string]string{"arn": {"password": "p"}}}
	got, err := c.Environ(v)
	if d := cmp.Diff([]string{"HOST=db", "PASSWORD=p", "PORT=1"}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	_, err = c.Environ(Values{})
	for _, want := range []string{"HOST: no value is given for <platform/D/C>", "PASSWORD: secret arn has no key password"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestZoneAnswers(t *testing.T) {
	t.Parallel()
	z := NewZone()
	var many []netip.Addr
	for i := range 10 {
		many = append(many, netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}))
	}
	z.Set("A.internal", 7*time.Second, many...)
	z.Set("empty.internal", time.Second)
	for _, c := range []struct {
		name    string
		kind    dnsmessage.Type
		code    dnsmessage.RCode
		answers int
	}{
		{"a.internal.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, 8},
		{"a.internal.", dnsmessage.TypeAAAA, dnsmessage.RCodeSuccess, 0},
		{"empty.internal.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, 0},
		{"b.internal.", dnsmessage.TypeA, dnsmessage.RCodeNameError, 0},
	} {
		query := dnsmessage.Message{Header: dnsmessage.Header{ID: 9, RecursionDesired: true},
			Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(c.name), Type: c.kind, Class: dnsmessage.ClassINET}}}
		packed, err := query.Pack()
		if err != nil {
			t.Fatal(err)
		}
		answer, err := z.answer(packed)
		if err != nil {
			t.Fatal(err)
		}
		var m dnsmessage.Message
		if err := m.Unpack(answer); err != nil {
			t.Fatal(err)
		}
		if m.ID != 9 || m.RCode != c.code || len(m.Answers) != c.answers || len(m.Answers) > 0 && m.Answers[0].Header.TTL != 7 {
			t.Errorf("%s %v: %+v", c.name, c.kind, m)
		}
	}
	if _, err := z.answer([]byte("no query")); err == nil {
		t.Error("what is no query is answered")
	}
	if z.Asked("a.internal") != 2 {
		t.Errorf("a.internal was asked for %d times, want 2", z.Asked("a.internal"))
	}
}

func TestRuleset(t *testing.T) {
	t.Parallel()
	g := Group{Name: "tasks", In: []Rule{{Protocol: "tcp", From: 80, To: 90, Group: "callers"}},
		Out: []Rule{{Protocol: "-1", CIDR: netip.MustParsePrefix("10.0.0.0/8")}, {Protocol: "udp", From: 53, To: 53, PrefixList: "pl-1"}}}
	got, err := g.Ruleset(Peers{Groups: map[string][]netip.Addr{"callers": {netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")}},
		PrefixLists: map[string][]netip.Prefix{"pl-1": {netip.MustParsePrefix("192.0.2.0/24")}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport 80-90 accept\n", "ip daddr { 10.0.0.0/8 } accept\n",
		"ip daddr { 192.0.2.0/24 } udp dport 53-53 accept\n"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%q is not there once:\n%s", want, got)
		}
	}
	for want, rule := range map[string]Rule{"no address is given for others": {Where: "x", Protocol: "tcp", Group: "others"},
		"protocol 47 is not known here": {Where: "x", Protocol: "47", CIDR: netip.MustParsePrefix("10.0.0.0/8")}} {
		if _, err := (Group{Name: "tasks", In: []Rule{rule}}).Ruleset(Peers{}); err == nil || !strings.Contains(err.Error(), "tasks: x: "+want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestWorldNamesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	files, err := Files("../../../golden")
	if err != nil {
		t.Fatal(err)
	}
	parameters := map[string]string{"OperatorsCidr": "203.0.113.0/24"}
	for _, c := range []struct{ file, old, replacement, want string }{
		{"service-payment-api.yaml", "        - Field: path-pattern", "        - Field: query-string", "PaymentApiListenerRule Conditions[0]: conditions on query-string are not known here"},
		{"service-payment-api.yaml", "        - Field: path-pattern\n          PathPatternConfig:\n            Values:", "        - Field: path-pattern\n          PathPatternConfig:\n            RegexValues:", "Values: no values: other forms"},
		{"network.yaml", "      CidrIp: 0.0.0.0/0\n      Description: 'internet to load balancer, HTTPS: requests of customers'\n", "", "LoadBalancerFromHTTPSIngress: 0 other ends"},
		{"ingress.yaml", "        - FixedResponseConfig:\n            ContentType: text/plain\n            MessageBody: Not found\n            StatusCode: '404'\n          Type: fixed-response", "        - Type: authenticate-oidc", "HttpsListener DefaultActions[0]: actions of type authenticate-oidc"},
		{"service-payment-api.yaml", "      Family: !Sub task-payment-api-${EnvironmentSuffix}", "      Family: other", "no task definition has the family task-payment-api-test"},
		{"service-payment-api.yaml", "      TaskDefinition: !Sub task-payment-api-${EnvironmentSuffix}", "      TaskDefinition: !ImportValue x", "PaymentApiService TaskDefinition: not known"},
	} {
		edited := maps.Clone(files)
		if strings.Count(edited[c.file], c.old) == 0 {
			t.Errorf("%s has no %q", c.file, c.old)
		}
		edited[c.file] = strings.Replace(edited[c.file], c.old, c.replacement, 1)
		if _, err := FromFiles(edited, Options{Parameters: parameters}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := Files(t.TempDir()); err == nil || !strings.Contains(err.Error(), "make render") {
		t.Errorf("a directory without templates: %v", err)
	}
}
