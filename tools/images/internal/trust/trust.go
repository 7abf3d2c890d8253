// Package trust provides the certificate authorities that an image trusts, as PEM with pinned hashes.
package trust

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// Region is the region of the platform, whose database certificate authorities the images trust.
const Region = "us-east-1"

// The bundle of the region's roots as Amazon RDS publishes it:
// https://truststore.pki.rds.amazonaws.com/us-east-1/us-east-1-bundle.pem
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html
//
//go:embed rds-us-east-1.pem
var databaseRoots []byte

// Pins are the SHA-256 hashes of the bundles, in the form sha256:….
type Pins struct {
	Public   string `json:"public"`
	Database string `json:"database"`
}

// Bundles are what an image trusts.
type Bundles struct {
	// Public holds the roots of Mozilla's programme; AWS's APIs and most others have certificates below them.
	Public []byte
	// Database holds the roots below which Amazon RDS issues the certificates of Aurora; no public root signs those.
	Database []byte
}

// Load returns the bundles that the pins name, or says which hash differs or which certificate is no root of Amazon RDS.
func Load(pins Pins, now time.Time) (Bundles, error) {
	found := Bundles{Public: public(), Database: bytes.Clone(databaseRoots)}
	if err := match("public roots (golang.org/x/crypto/x509roots/fallback)", found.Public, pins.Public); err != nil {
		return Bundles{}, err
	}
	if err := match("roots of Amazon RDS (rds-us-east-1.pem)", found.Database, pins.Database); err != nil {
		return Bundles{}, err
	}
	if err := CheckDatabase(found.Database, now); err != nil {
		return Bundles{}, fmt.Errorf("roots of Amazon RDS: %w", err)
	}
	return found, nil
}

// public writes the roots without constraints: PEM cannot carry a date from which a root is distrusted.
func public() []byte {
	var text bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}))
		}
	}
	return text.Bytes()
}

func match(what string, data []byte, pin string) error {
	sum := sha256.Sum256(data)
	if got := "sha256:" + hex.EncodeToString(sum[:]); got != pin {
		return fmt.Errorf("%s: the hash is %s, pinned is %q: find out what changed, and pin the new hash in pins.json if it is meant",
			what, got, pin)
	}
	return nil
}

// CheckDatabase refuses anything but valid self-signed roots of Amazon RDS in the platform's region.
func CheckDatabase(data []byte, now time.Time) error {
	count := 0
	for rest := data; ; count++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			if text := strings.TrimSpace(string(rest)); text != "" {
				return fmt.Errorf("after certificate %d follows something that is none", count)
			}
			break
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return fmt.Errorf("certificate %d: %w", count+1, err)
		}
		if err := checkRoot(certificate, now); err != nil {
			return fmt.Errorf("certificate %d, %s: %w", count+1, certificate.Subject, err)
		}
	}
	if count == 0 {
		return fmt.Errorf("no certificate is there")
	}
	return nil
}

func checkRoot(c *x509.Certificate, now time.Time) error {
	prefix := "Amazon RDS " + Region + " Root CA "
	switch {
	case !slices.Equal(c.Subject.Organization, []string{"Amazon Web Services, Inc."}),
		!slices.Equal(c.Subject.OrganizationalUnit, []string{"Amazon RDS"}),
		!strings.HasPrefix(c.Subject.CommonName, prefix):
		return fmt.Errorf("the subject is not Amazon Web Services, Inc., Amazon RDS, %s…", prefix)
	case !c.IsCA:
		return fmt.Errorf("it is no certificate authority")
	case now.Before(c.NotBefore), now.After(c.NotAfter):
		return fmt.Errorf("it is valid from %s to %s, which %s is not in",
			c.NotBefore.Format(time.DateOnly), c.NotAfter.Format(time.DateOnly), now.Format(time.DateOnly))
	}
	if err := c.CheckSignatureFrom(c); err != nil {
		return fmt.Errorf("it is not self-signed: %w", err)
	}
	return nil
}
