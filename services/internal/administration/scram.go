package administration

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

const (
	// iterations is PostgreSQL's default, scram_iterations.
	iterations = 4096
	// saltBytes is PostgreSQL's own length, SCRAM_DEFAULT_SALT_LEN.
	saltBytes = 16
)

// verifier returns what PostgreSQL stores of a password, in the form of pg_authid.rolpassword, "SCRAM-SHA-256" of
// https://www.postgresql.org/docs/17/catalog-pg-authid.html with the keys of RFC 5802, section 3. The password itself
// never reaches the server, its log or the audit log.
func verifier(password string) (string, error) {
	if err := checkPassword(password); err != nil {
		return "", err
	}
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("making a salt: %w", err)
	}
	return verifierWith(password, salt)
}

func verifierWith(password string, salt []byte) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("deriving a key: %w", err)
	}
	stored := sha256.Sum256(sum(salted, "Client Key"))
	encode := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, encode(salt), encode(stored[:]), encode(sum(salted, "Server Key"))), nil
}

func sum(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// checkPassword refuses what SCRAM would have to normalise first (RFC 4013): generated passwords are plain ASCII.
func checkPassword(password string) error {
	if password == "" {
		return errors.New("the password is empty")
	}
	for i := range len(password) {
		if password[i] < ' ' || password[i] > '~' {
			return errors.New("the password has other characters than printable ASCII")
		}
	}
	return nil
}
