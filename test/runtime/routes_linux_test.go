package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tierform/tierform/test/runtime/world"
)

// visit is a request to the load balancer and the service that answers it; none is the fixed 404.
type visit struct{ client, method, path, service string }

// visits are the documented paths for customers and operators, and what must not lead anywhere.
func visits() []visit {
	const customer, operator = "198.51.100.20", "203.0.113.7" // the second within OperatorsCidr of environments/prod.yaml
	list := []visit{
		{customer, "POST", "/payments", "payment-api"},
		{customer, "GET", "/payments?limit=1", "payment-api"},
		{customer, "GET", "/payments/4d1c", "payment-api"},
		{customer, "GET", "/payments/4d1c/refunds", "payment-api"},
		{customer, "GET", "/payments/", "payment-api"},
		{operator, "GET", "/payments/4d1c", "payment-api"},
	}
	for path, service := range map[string]string{"/transactions": "transaction-processor", "/notifications": "notification-service"} {
		list = append(list, visit{operator, "POST", path, service}, visit{operator, "GET", path + "/4d1c", service},
			visit{customer, "POST", path, ""}, visit{customer, "GET", path + "/4d1c", ""})
	}
	for _, path := range []string{"/", "/health", "/Payments", "/payment", "/paymentsX", "/x/payments", "/administration", "/stats",
		"/Transactions", "/transactionsX", "/?path=/payments"} {
		list = append(list, visit{operator, "GET", path, ""})
	}
	return list
}

// routes serves the rendered listeners before stand-ins for the services' tasks in their active colour, and asks them.
func routes(ctx context.Context, _ env, w *world.World, _ call) (err error) {
	n, err := world.NewNetwork()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	addresses := within(w.PrivateSubnets, len(w.Services)+1)
	targets := map[string][]string{}
	for i, s := range w.Services {
		h, err := n.Add(s.Name, addresses[i])
		if err != nil {
			return err
		}
		stand, err := serve(h, s.Task.Container("application").Ports[0])
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stand.stop()) }()
		for _, g := range s.TargetGroups {
			targets[g.Name] = []string{netip.AddrPortFrom(addresses[i], uint16(g.Port)).String()}
		}
	}
	balancer, err := n.Add("load-balancer", addresses[len(w.Services)])
	if err != nil {
		return err
	}
	for _, l := range w.Listeners {
		listener, err := balancer.Listen("tcp", net.JoinHostPort(balancer.Addresses[0].String(), strconv.Itoa(l.Port)))
		if err != nil {
			return err
		}
		server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: &world.LoadBalancer{Listener: l, Targets: targets,
			Transport: &http.Transport{DialContext: balancer.Dial, DisableKeepAlives: true}}}
		go func() { _ = server.Serve(listener) }()
		defer server.Close()
	}
	return ask(ctx, n, balancer.Addresses[0].String())
}

// ask makes all visits, each from its client's address, and one without TLS.
func ask(ctx context.Context, n *world.Network, balancer string) error {
	clients := map[string]*http.Client{}
	for _, v := range visits() {
		if clients[v.client] == nil {
			h, err := n.Add("client", netip.MustParseAddr(v.client))
			if err != nil {
				return err
			}
			clients[v.client] = h.Client(20 * time.Second)
		}
		status, body, _, err := fetch(ctx, clients[v.client], v.method, "http://"+balancer+":443"+v.path)
		switch {
		case err != nil:
			return err
		case v.service == "" && (status != http.StatusNotFound || body != "Not found"):
			return fmt.Errorf("%s %s from %s: %d %q, want the fixed 404", v.method, v.path, v.client, status, body)
		case v.service != "" && (status != http.StatusOK || body != v.service):
			return fmt.Errorf("%s %s from %s: %d %q, want an answer of %s", v.method, v.path, v.client, status, body, v.service)
		}
	}
	for _, client := range clients {
		status, _, to, err := fetch(ctx, client, http.MethodGet, "http://"+balancer+"/payments?x=1")
		if want := "https://" + balancer + ":443/payments?x=1"; err != nil || status != http.StatusMovedPermanently || to != want {
			return fmt.Errorf("without TLS: %d to %q, want 301 to %s: %w", status, to, want, err)
		}
	}
	return nil
}

func fetch(ctx context.Context, client *http.Client, method, url string) (status int, body, location string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return 0, "", "", err
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, "", "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), answer.Header.Get("Location"), err
}

// colours holds every rule to one service: the two target groups of one, all weight on the active colour.
func colours(_ context.Context, _ env, w *world.World, _ call) error {
	for _, l := range w.Listeners {
		for _, r := range l.Rules {
			i := slices.IndexFunc(w.Services, func(s world.Service) bool {
				return !slices.ContainsFunc(s.TargetGroups, func(g world.TargetGroup) bool { _, ok := r.Action.Weights[g.Name]; return !ok })
			})
			sum := 0
			for _, weight := range r.Action.Weights {
				sum += weight
			}
			if i < 0 || len(r.Action.Weights) != 2 || sum != 100 {
				return fmt.Errorf("%s: weights %v are not those of the two colours of a service", r.Where, r.Action.Weights)
			}
		}
	}
	return nil
}

func TestListenerRules(t *testing.T) {
	t.Parallel()
	realParts(t)
	w := rendered(t)
	if err := errors.Join(routes(limited(t), env{}, w, call{}), colours(t.Context(), env{}, w, call{})); err != nil {
		t.Error(err)
	}
}
