package world

import (
	"errors"
	"net"
)

// Resolver is a zone served on a host.
type Resolver struct {
	packets net.PacketConn
	ended   chan error
}

// Resolve serves a zone on the host as the VPC's resolver.
func (h *Host) Resolve(z *Zone) (*Resolver, error) {
	packets, err := h.ListenPacket("udp4", resolver+":53")
	if err != nil {
		return nil, err
	}
	r := &Resolver{packets: packets, ended: make(chan error, 1)}
	go func() { r.ended <- z.Serve(packets) }()
	return r, nil
}

// Stop ends it.
func (r *Resolver) Stop() error { return errors.Join(r.packets.Close(), <-r.ended) }
