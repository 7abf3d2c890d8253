package world

// Enforce puts a security group before the host, in place of the one before.
func (h *Host) Enforce(g Group, peers Peers) error {
	rules, err := g.Ruleset(peers)
	if err != nil {
		return err
	}
	return h.run("flush ruleset\n"+rules, "nft", "-f", "-")
}

// Open lets everything through again.
func (h *Host) Open() error { return h.run("flush ruleset\n", "nft", "-f", "-") }
