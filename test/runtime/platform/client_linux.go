package platform

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/tierform/tierform/test/runtime/collector"
)

// Who calls from outside: a customer, with an address for documentation (RFC 5737), and an operator, within OperatorsCidr of
// environments/prod.yaml.
const (
	Customer = "customer"
	Operator = "operator"
)

type client struct{ http *http.Client }

// startClients connects the hosts outside.
func (p *Platform) startClients() error {
	for name, address := range map[string]string{Customer: "198.51.100.20", Operator: "203.0.113.7"} {
		host, err := p.network.Add(name, netip.MustParseAddr(address))
		if err != nil {
			return err
		}
		p.outside[name] = host
		dial := func(ctx context.Context, network, to string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(to)
			if err != nil {
				return nil, err
			}
			return host.Dial(ctx, network, net.JoinHostPort(p.balancer.host.Addresses[0].String(), port))
		}
		transport := &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{RootCAs: p.Authority.Pool(), ServerName: publicName},
			MaxIdleConnsPerHost: 512, DisableCompression: true}
		p.clients[name] = &client{&http.Client{Transport: transport, Timeout: time.Minute,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
		p.onStop(func() error { transport.CloseIdleConnections(); return nil })
	}
	return nil
}

// Client makes requests of [URL] from outside, as [Customer] or [Operator].
func (p *Platform) Client(who string) *http.Client { return p.clients[who].http }

// URL is the load balancer's address.
const URL = "https://" + publicName

// Order is the body of POST /payments.
type Order struct {
	Amount    int64  `json:"amount"`
	Currency  string `json:"currency"`
	CardToken string `json:"card_token"`
	Reference string `json:"reference,omitempty"`
}

// Payment is what the payment-api answers.
type Payment struct {
	ID                    string      `json:"id"`
	Status                string      `json:"status"`
	Amount                int64       `json:"amount"`
	Currency              string      `json:"currency"`
	Settlement            *Settlement `json:"settlement"`
	SettlementUnavailable bool        `json:"settlement_unavailable"`
}

// Settlement is what the transaction-processor answers.
type Settlement struct {
	PaymentID        string    `json:"payment_id"`
	Status           string    `json:"status"`
	NetworkReference string    `json:"network_reference"`
	SettledAt        time.Time `json:"settled_at"`
}

// Pay sends an order through the load balancer and returns the status and, with 202, the payment. Headers are pairs of name
// and value.
func (p *Platform) Pay(ctx context.Context, key string, o Order, headers ...string) (int, Payment, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return 0, Payment{}, fmt.Errorf("paying: %w", err)
	}
	var payment Payment
	headers = append([]string{"Idempotency-Key", key, "Content-Type", "application/json"}, headers...)
	status, err := p.Call(ctx, Customer, http.MethodPost, "/payments", body, &payment, headers...)
	return status, payment, err
}

// Payment asks for a payment through the load balancer.
func (p *Platform) Payment(ctx context.Context, id string) (int, Payment, error) {
	var payment Payment
	status, err := p.Call(ctx, Customer, http.MethodGet, "/payments/"+id, nil, &payment)
	return status, payment, err
}

// Call makes a request through the load balancer and decodes an answer of a status below 300, unless the answer is nil.
func (p *Platform) Call(ctx context.Context, who, method, path string, body []byte, answer any, headers ...string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, method, URL+path, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, path, err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := p.Client(who).Do(request)
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode < 300 && answer != nil {
		err = json.Unmarshal(text, answer)
	}
	if err != nil {
		return response.StatusCode, fmt.Errorf("%s %s: answer: %w", method, path, err)
	}
	return response.StatusCode, nil
}

// Segments are what X-Ray received of a trace, whose ID is that of a W3C traceparent.
func (p *Platform) Segments(ctx context.Context, trace string) ([]collector.Segment, error) {
	return p.sink.Segments(ctx, trace)
}
