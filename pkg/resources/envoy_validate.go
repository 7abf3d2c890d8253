package resources

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Bounds that [EnvoyConfig.Validate] holds configurations to.
const (
	// EnvoyMaxRequestTimeout is the longest allowed call; longer work belongs into a queue. Envoy itself would end a call
	// on which nothing moves after 5 minutes.
	EnvoyMaxRequestTimeout = 2 * time.Minute
	// EnvoyMaxRetries is the largest allowed number of retries.
	EnvoyMaxRetries = 5

	sidecarMinDuration = 10 * time.Millisecond
	sidecarMaxDuration = time.Hour
	sidecarMaxPort     = 65535
	sidecarMaxName     = 253
	sidecarMaxLabel    = 63
)

// Validate says everything that is wrong with the configuration in one error: the field, its value and the allowed ones. It
// looks at the values after defaults, so zero fields are wrong only where there is no default.
func (c EnvoyConfig) Validate() error {
	c = c.WithDefaults()
	var p sidecarProblems
	p.text("Node", c.Node, envoyIdentifier())
	p.text("Cluster", c.Cluster, envoyIdentifier())
	p.number("AdminPort", c.AdminPort, 1, sidecarMaxPort)
	p.number("MaxDownstreamConnections", c.MaxDownstreamConnections, 1, math.MaxInt32)
	names, ports := map[string]bool{}, c.takenPorts()
	for i, upstream := range c.Upstreams {
		p.upstream(fmt.Sprintf("Upstreams[%d]", i), upstream)
		p.unique(fmt.Sprintf("Upstreams[%d].Name", i), upstream.Name, names)
		p.port(fmt.Sprintf("Upstreams[%d].ListenPort", i), upstream.ListenPort, ports)
	}
	return errors.Join(p...)
}

// takenPorts names the user of each loopback port that a task's other listeners have.
func (c EnvoyConfig) takenPorts() map[int]string {
	ports := map[int]string{
		CollectorGRPCPort:   "the collector",
		CollectorHTTPPort:   "the collector",
		CollectorHealthPort: "the collector",
	}
	ports[c.AdminPort] = "AdminPort"
	return ports
}

// sidecarProblems collects what is wrong with a sidecar's configuration.
type sidecarProblems []error

func (p *sidecarProblems) add(field string, value any, allowed string) {
	if text, ok := value.(string); ok {
		value = fmt.Sprintf("%q", text)
	}
	*p = append(*p, fmt.Errorf("%s is %v: %s", field, value, allowed))
}

func (p *sidecarProblems) number(field string, value, low, high int) {
	if value < low || value > high {
		p.add(field, value, fmt.Sprintf("allowed are %d to %d", low, high))
	}
}

func (p *sidecarProblems) duration(field string, value, low, high time.Duration) {
	if value < low || value > high {
		p.add(field, value, fmt.Sprintf("allowed are %v to %v", low, high))
	}
}

// text holds a string, in which each reference stands for some valid text, to a form.
func (p *sidecarProblems) text(field, value string, form sidecarForm) {
	plain := sidecarPlain(value)
	if len(plain) > form.limit || !form.pattern.MatchString(plain) {
		p.add(field, value, fmt.Sprintf("allowed are 1 to %d characters: %s", form.limit, form.words))
	}
}

func (p *sidecarProblems) unique(field, value string, seen map[string]bool) {
	if seen[value] {
		p.add(field, value, "allowed are names that no other upstream has")
	}
	seen[value] = true
}

func (p *sidecarProblems) port(field string, value int, taken map[int]string) {
	p.number(field, value, 1, sidecarMaxPort)
	if user, found := taken[value]; found {
		p.add(field, value, "allowed are ports not taken in the task, this one is by "+user)
	}
	taken[value] = field
}

func (p *sidecarProblems) upstream(field string, u EnvoyUpstream) {
	p.text(field+".Name", u.Name, envoyLabel())
	p.address(field+".Address", u.Address)
	p.number(field+".Port", u.Port, 1, sidecarMaxPort)
	p.times(field, u)
	p.number(field+".MaxConnections", u.MaxConnections, 1, math.MaxInt32)
	p.number(field+".MaxPendingRequests", u.MaxPendingRequests, 1, math.MaxInt32)
	p.number(field+".MaxRequests", u.MaxRequests, 1, math.MaxInt32)
	p.number(field+".RetryBudgetPercent", u.RetryBudgetPercent, 1, 100)
	p.number(field+".MinRetryConcurrency", u.MinRetryConcurrency, 1, math.MaxInt32)
	p.number(field+".Retries", u.Retries, EnvoyNoRetries, EnvoyMaxRetries)
	p.number(field+".Outlier.Consecutive5xx", u.Outlier.Consecutive5xx, 1, math.MaxInt32)
	p.duration(field+".Outlier.Interval", u.Outlier.Interval, sidecarMinDuration, sidecarMaxDuration)
	p.duration(field+".Outlier.BaseEjection", u.Outlier.BaseEjection, sidecarMinDuration, sidecarMaxDuration)
	p.number(field+".Outlier.MaxEjectionPercent", u.Outlier.MaxEjectionPercent, 1, 100)
}

func (p *sidecarProblems) times(field string, u EnvoyUpstream) {
	p.duration(field+".RequestTimeout", u.RequestTimeout, sidecarMinDuration, EnvoyMaxRequestTimeout)
	p.duration(field+".PerTryTimeout", u.PerTryTimeout, sidecarMinDuration, EnvoyMaxRequestTimeout)
	p.duration(field+".ConnectTimeout", u.ConnectTimeout, sidecarMinDuration, EnvoyMaxRequestTimeout)
	p.duration(field+".DNSRefresh", u.DNSRefresh, sidecarMinDuration, sidecarMaxDuration)
	if u.ConnectTimeout >= u.PerTryTimeout {
		p.add(field+".ConnectTimeout", u.ConnectTimeout, fmt.Sprintf("allowed are values below PerTryTimeout, %v", u.PerTryTimeout))
	}
	if total := u.PerTryTimeout * u.attempts(); total > u.RequestTimeout {
		p.add(field+".PerTryTimeout", u.PerTryTimeout, fmt.Sprintf(
			"allowed are values whose product with the number of attempts, here %v, is at most RequestTimeout, %v", total, u.RequestTimeout))
	}
}

// address holds a DNS name to RFC 1123. Whether a label that ends in a reference is too long is not known here.
func (p *sidecarProblems) address(field, value string) {
	labels := strings.Split(sidecarPlain(value), ".")
	form := envoyLabel()
	bad := slices.ContainsFunc(labels, func(label string) bool {
		return len(label) > form.limit || !form.pattern.MatchString(label)
	})
	if bad || len(sidecarPlain(value)) > sidecarMaxName {
		p.add(field, value, fmt.Sprintf("allowed are DNS names of at most %d characters, with labels of %s", sidecarMaxName, form.words))
	}
}

// sidecarForm is what a text may look like, for a program and for people.
type sidecarForm struct {
	pattern *regexp.Regexp
	limit   int
	words   string
}

func envoyLabel() sidecarForm {
	return sidecarForm{
		pattern: regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`),
		limit:   sidecarMaxLabel,
		words:   "lower-case letters, digits and inner hyphens",
	}
}

func envoyIdentifier() sidecarForm {
	return sidecarForm{
		pattern: regexp.MustCompile(`^[A-Za-z0-9._-]+$`),
		limit:   sidecarMaxName,
		words:   "letters, digits, dots, underscores and hyphens",
	}
}
