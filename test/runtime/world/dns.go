package world

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// maxAnswers is how many healthy tasks Cloud Map answers with at most (Cloud Map API reference, "DnsConfig",
// RoutingPolicy MULTIVALUE).
const maxAnswers = 8

// Zone is what DNS answers. Its records can change at any time.
type Zone struct {
	lock    sync.Mutex
	records map[string]record
	asked   map[string]int
}

type record struct {
	ttl       time.Duration
	addresses []netip.Addr
}

// NewZone makes a zone without records.
func NewZone() *Zone { return &Zone{records: map[string]record{}, asked: map[string]int{}} }

// Set gives a name its addresses, in place of those before. Without addresses the name exists and has none.
func (z *Zone) Set(name string, ttl time.Duration, addresses ...netip.Addr) {
	z.lock.Lock()
	defer z.lock.Unlock()
	z.records[key(name)] = record{ttl: ttl, addresses: addresses}
}

// Remove makes a name unknown.
func (z *Zone) Remove(name string) {
	z.lock.Lock()
	defer z.lock.Unlock()
	delete(z.records, key(name))
}

// Asked tells how often a name was asked for.
func (z *Zone) Asked(name string) int {
	z.lock.Lock()
	defer z.lock.Unlock()
	return z.asked[key(name)]
}

func key(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// Serve answers queries until the connection is closed.
func (z *Zone) Serve(c net.PacketConn) error {
	buffer := make([]byte, 512)
	for {
		n, from, err := c.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("DNS server: %w", err)
		}
		// What is no query gets no answer, and who has gone needs none.
		if answer, err := z.answer(buffer[:n]); err == nil {
			_, _ = c.WriteTo(answer, from)
		}
	}
}

func (z *Zone) answer(query []byte) ([]byte, error) {
	var p dnsmessage.Parser
	header, err := p.Start(query)
	if err != nil {
		return nil, fmt.Errorf("reading a DNS query: %w", err)
	}
	q, err := p.Question()
	if err != nil {
		return nil, fmt.Errorf("reading a DNS query: %w", err)
	}
	r, known := z.lookUp(q.Name.String())
	reply := dnsmessage.Message{
		Header: dnsmessage.Header{ID: header.ID, Response: true, Authoritative: true,
			RecursionDesired: header.RecursionDesired, RecursionAvailable: true},
		Questions: []dnsmessage.Question{q},
	}
	if !known {
		reply.RCode = dnsmessage.RCodeNameError
	}
	if q.Type == dnsmessage.TypeA {
		for _, a := range r.addresses {
			reply.Answers = append(reply.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET, TTL: uint32(r.ttl.Seconds())},
				Body:   &dnsmessage.AResource{A: a.As4()},
			})
		}
	}
	return reply.Pack()
}

// lookUp takes at most as many addresses as Cloud Map gives, and other ones each time.
func (z *Zone) lookUp(name string) (record, bool) {
	z.lock.Lock()
	defer z.lock.Unlock()
	z.asked[key(name)]++
	r, known := z.records[key(name)]
	chosen := make([]netip.Addr, 0, maxAnswers)
	for _, i := range rand.Perm(len(r.addresses))[:min(maxAnswers, len(r.addresses))] {
		chosen = append(chosen, r.addresses[i])
	}
	r.addresses = chosen
	return r, known
}
