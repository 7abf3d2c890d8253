package simulator

import (
	"net/http"
)

// A Client carries an SDK's requests to the simulator without a network.
type Client struct{ simulator *Simulator }

// Client is one for the simulator.
func (s *Simulator) Client() *Client { return &Client{s} }

// Do answers a request. A fault that breaks the connection is an error, as it is on a network.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return c.simulator.answer(r).response(r)
}
