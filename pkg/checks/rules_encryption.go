package checks

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func encryptionRules() []Rule {
	return []Rule{
		{ID: "ENC001", Title: "Data at rest is encrypted with customer keys", Requirements: []string{"R6", "R11", "R13", "R15"}, PCI: []string{"3.5.1", "3.6.1"}, Severity: High, Check: checkAtRest},
		{ID: "ENC002", Title: "Buckets are encrypted with customer keys, or give the reason why not", Requirements: []string{"R15", "R18"}, PCI: []string{"3.5.1"}, Severity: High, Check: checkBucketEncryption},
		{ID: "ENC003", Title: "Keys for data, logs and secrets are separate", Requirements: []string{"R15"}, PCI: []string{"3.6.1"}, Severity: Medium, Check: checkSeparateKeys},
		{ID: "ENC004", Title: "Databases take TLS 1.2 or later only", Requirements: []string{"R11"}, PCI: []string{"2.2.7", "4.2.1"}, Severity: High, Check: checkDatabaseTLS},
		{ID: "ENC005", Title: "Load balancers speak TLS 1.2 or later, and plain HTTP only to redirect", Requirements: []string{"R7"}, PCI: []string{"2.2.7", "4.2.1"}, Severity: Critical, Check: checkListenerTLS},
		{ID: "ENC006", Title: "Database clients verify whom they talk to", Requirements: []string{"R11"}, PCI: []string{"4.2.1"}, Severity: High, Check: checkDatabaseClients},
		{ID: "ENC007", Title: "A database's administrator has a name of its own and a password that RDS keeps and rotates", Requirements: []string{"R14"}, PCI: []string{"2.2.2", "8.3.9", "8.6.3"}, Severity: High, Check: checkAdministrators},
		{ID: "ENC008", Title: "Buckets own their objects, keep versions for a time that is said, and log requests", Requirements: []string{"R18"}, PCI: []string{"10.2.1", "10.3.2"}, Severity: Medium, Check: checkBuckets},
		{ID: "ENC009", Title: "Certificates are validated by DNS, so that they renew by themselves", Requirements: []string{"R7"}, PCI: []string{"4.2.1.1"}, Severity: Medium, Check: checkCertificates},
	}
}

//go:embed encryption_rest.txt
var encryptedProperties string

func checkAtRest(w *World, l *Looking) {
	for _, row := range tableRows(encryptedProperties) {
		for _, r := range w.OfType(row[0]) {
			if counts := r.counts(row[3]); counts.Unknown() != "" {
				l.Look()
				l.Unsure(r, row[1], "encryption with a customer key", counts.Unknown())
			} else if counts.True() {
				l.Look()
				checkEncrypted(l, r, row[1], row[2])
			}
		}
	}
}

// counts tells whether a row of the table counts for a resource.
func (r *Resource) counts(when string) Value {
	if when == "-" {
		return truth(true)
	}
	property, without := strings.CutPrefix(when, "!")
	v := r.At(property)
	if v.Unknown() != "" {
		return v
	}
	return truth((v.Exists() && v.String() != "false") != without)
}

func checkEncrypted(l *Looking, r *Resource, path, must string) {
	v := r.At(path)
	if must == "key" {
		if !customerKey(v) {
			l.FailUnlessExcused(r, path, v, "a customer key", "set "+path)
		}
		return
	}
	if !regexp.MustCompile("^(" + must + ")$").MatchString(v.String()) {
		l.FailUnlessExcused(r, path, v, must, "set "+path)
	}
}

func checkBucketEncryption(w *World, l *Looking) {
	for _, r := range w.OfType(bucketType) {
		l.Look()
		const base = "BucketEncryption.ServerSideEncryptionConfiguration"
		rules := expandPath(r.Properties, base+"[*].ServerSideEncryptionByDefault")
		if len(rules) == 0 {
			l.FailUnlessExcused(r, base, r.At(base), "SSE-KMS with a customer key", "set BucketEncryption")
		}
		for _, path := range rules {
			if v := r.At(path).At("SSEAlgorithm"); !strings.HasPrefix(v.String(), "aws:kms") {
				l.FailUnlessExcused(r, path+".SSEAlgorithm", v, "aws:kms", "encrypt with a customer key")
			} else if key := r.At(path).At("KMSMasterKeyID"); !customerKey(key) {
				l.FailUnlessExcused(r, path+".KMSMasterKeyID", key, "a customer key", "name the key: without it AWS uses its own")
			}
		}
	}
}

//go:embed encryption_purposes.txt
var keyPurposes string

func checkSeparateKeys(w *World, l *Looking) {
	type use struct{ purpose, where string }
	first := map[string]use{}
	for _, row := range tableRows(keyPurposes) {
		for _, r := range w.OfType(row[1]) {
			key := r.At(row[2])
			if !key.Exists() {
				continue
			}
			l.Look()
			name := key.String()
			if resource := w.Find(key); resource != nil {
				name = resource.Identity()
			}
			before, known := first[name]
			switch {
			case key.Unknown() != "":
				l.Fail(r, row[2], key, "a key for "+row[0]+" alone", "")
			case known && before.purpose != row[0]:
				l.FailUnlessExcused(r, row[2], Text(fmt.Sprintf("the key of %s, which encrypts %s", before.where, before.purpose)), "a key for "+row[0]+" alone", "use a separate key")
			case !known:
				first[name] = use{row[0], r.Where()}
			}
		}
	}
}

func checkDatabaseTLS(w *World, l *Looking) { checkParameterGroups(w, l, parametersFor("tls")) }

//go:embed encryption_tls.txt
var tlsPolicies string

func checkListenerTLS(w *World, l *Looking) {
	good := strings.Fields(tlsPolicies)
	for _, r := range w.OfType("AWS::ElasticLoadBalancingV2::Listener") {
		l.Look()
		protocol := r.At("Protocol")
		switch protocol.String() {
		case "HTTPS", "TLS":
			if v := r.At("SslPolicy"); !slices.Contains(good, v.String()) {
				l.FailUnlessExcused(r, "SslPolicy", v, "a security policy with TLS 1.2 or later and forward secrecy", "set SslPolicy to "+good[len(good)-5])
			}
			if v := r.At("Certificates"); len(v.List()) == 0 || v.Unknown() != "" {
				l.FailUnlessExcused(r, "Certificates", v, "a certificate", "name one")
			}
		default:
			for i, action := range r.At("DefaultActions").List() {
				redirects := action.At("Type").String() == "redirect" && action.At("RedirectConfig.Protocol").String() == "HTTPS"
				if !redirects {
					l.FailUnlessExcused(r, fmt.Sprintf("DefaultActions[%d]", i), action, "a redirect to HTTPS on a listener without TLS", "redirect, or speak HTTPS")
				}
			}
			if !protocol.Exists() || protocol.Unknown() != "" {
				l.Fail(r, "Protocol", protocol, "HTTPS, or HTTP that redirects", "")
			}
		}
	}
	for _, r := range w.OfType("AWS::ElasticLoadBalancingV2::ListenerRule") {
		listener := w.Find(r.At("ListenerArn"))
		if listener == nil || listener.At("Protocol").String() != "HTTP" {
			continue
		}
		l.Look()
		for i, action := range r.At("Actions").List() {
			if action.At("Type").String() != "redirect" {
				l.FailUnlessExcused(r, fmt.Sprintf("Actions[%d]", i), action, "a redirect to HTTPS on a listener without TLS", "move the rule to the HTTPS listener")
			}
		}
	}
}

// sslModeName matches variables that say how a database client uses TLS.
var sslModeName = regexp.MustCompile(`(?i)^([A-Z0-9]+_)*(PG|DB|DATABASE|POSTGRES(QL)?|MYSQL|AURORA|RDS)?_?SSL_?MODE$`)

// checkDatabaseClients wants the mode that checks certificate and host name: verify-full (PostgreSQL manual, "SSL support"),
// or VERIFY_IDENTITY for MySQL. Whether a client that is told nothing does so cannot be known.
func checkDatabaseClients(w *World, l *Looking) {
	for _, c := range w.containers() {
		says, host := false, ""
		for _, path := range expandPath(c.value, "Environment[*]") {
			name, v := c.value.At(path+".Name").String(), c.value.At(path+".Value")
			mode, inURL := v.String(), strings.Contains(v.String(), "sslmode=")
			if inURL {
				_, mode, _ = strings.Cut(mode, "sslmode=")
				mode, _, _ = strings.Cut(mode, "&")
			}
			if sslModeName.MatchString(name) || inURL {
				says = true
				l.Look()
				if mode != "verify-full" && mode != "VERIFY_IDENTITY" {
					l.FailUnlessExcused(c.task, c.path+"."+path+".Value", v, "verify-full", "verify the server's certificate and name")
				}
			}
			if r := w.Find(v); r != nil && strings.HasPrefix(r.Type, "AWS::RDS::") {
				host = c.path + "." + path
			}
		}
		if host != "" && !says {
			l.Look()
			l.Unsure(c.task, host, "a variable that says verify-full", "no variable says how the client uses TLS")
		}
	}
}

// checkCertificates wants DNS, which ACM asks again at every renewal without anybody's help. What is left out is EMAIL
// (AWS::CertificateManager::Certificate; AWS Certificate Manager User Guide, "DNS validation").
func checkCertificates(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::CertificateManager::Certificate") {
		l.Look()
		if v := r.At("ValidationMethod"); v.String() != "DNS" {
			l.FailUnlessExcused(r, "ValidationMethod", v, "DNS", "set ValidationMethod to DNS")
		}
	}
}
