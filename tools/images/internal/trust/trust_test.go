package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

func today() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }

func TestDatabaseRootsAreAmazons(t *testing.T) {
	if err := CheckDatabase(databaseRoots, today()); err != nil {
		t.Error(err)
	}
	if got := strings.Count(string(databaseRoots), "BEGIN CERTIFICATE"); got != 3 {
		t.Errorf("%d roots; Amazon RDS signs with three in a region: RSA 2048, RSA 4096, ECC 384", got)
	}
}

func TestCheckDatabaseRefuses(t *testing.T) {
	var other []byte
	for root := range bundle.Roots() {
		other = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate})
		break
	}
	// The last byte belongs to the signature.
	block, _ := pem.Decode(databaseRoots)
	block.Bytes[len(block.Bytes)-1] ^= 1
	tests := map[string]struct {
		data []byte
		now  time.Time
		want string
	}{
		"another authority": {append(databaseRoots[:len(databaseRoots):len(databaseRoots)], other...), today(), "certificate 4, CN=AC RAIZ"},
		"a forged root":     {pem.EncodeToMemory(block), today(), "it is not self-signed"},
		"an expired root":   {databaseRoots, today().AddDate(35, 0, 0), "it is valid from 2021-05-25 to 2061-05-25"},
		"a broken one":      {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}), today(), "certificate 1: "},
		"text":              {append(databaseRoots[:len(databaseRoots):len(databaseRoots)], "more"...), today(), "after certificate 3"},
		"nothing":           {nil, today(), "no certificate"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := CheckDatabase(test.data, test.now); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v; want %q", err, test.want)
			}
		})
	}
}

func TestChangedHashNamesBoth(t *testing.T) {
	for what, pins := range map[string]Pins{"public roots": {Public: "sha256:00"}, "Amazon RDS": {Public: hashOf(t), Database: "sha256:00"}} {
		_, err := Load(pins, today())
		if err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), `"sha256:00"`) || strings.Count(err.Error(), "sha256:") != 2 {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A root that has expired is refused although its hash is the pinned one.
func TestWhatIsPinnedIsTrusted(t *testing.T) {
	text, err := os.ReadFile("../../pins.json")
	if err != nil {
		t.Fatal(err)
	}
	var pinned struct{ Trust Pins }
	if err := json.Unmarshal(text, &pinned); err != nil {
		t.Fatal(err)
	}
	got, err := Load(pinned.Trust, today())
	if err != nil || !bytes.Equal(got.Public, public()) || !bytes.Equal(got.Database, databaseRoots) {
		t.Errorf("%d and %d bytes, %v", len(got.Public), len(got.Database), err)
	}
	if _, err := Load(pinned.Trust, today().AddDate(100, 0, 0)); err == nil || !strings.Contains(err.Error(), "it is valid from") {
		t.Errorf("in a hundred years: %v", err)
	}
}

// hashOf returns the hash of the public roots, which the error about another one tells.
func hashOf(t *testing.T) string {
	t.Helper()
	_, rest, found := strings.Cut(match("", public(), "").Error(), "sha256:")
	if !found {
		t.Fatal("the error names no hash")
	}
	return "sha256:" + rest[:64]
}

// The programs call AWS's APIs, whose certificates are below Amazon's public roots; none of them vouches for a database.
func TestPublicRootsAreSeparate(t *testing.T) {
	var names []string
	for rest := public(); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, c.Subject.CommonName)
	}
	all := strings.Join(names, "\n")
	for _, want := range []string{"Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4"} {
		if !strings.Contains(all, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if len(names) < 100 || strings.Contains(all, "Amazon RDS") {
		t.Errorf("%d public roots, with those of Amazon RDS: %v", len(names), strings.Contains(all, "Amazon RDS"))
	}
}
