package world

import (
	"encoding/json"
	"slices"
	"strings"
)

// Database is the cluster's.
type Database struct {
	// Name is that of the database within the cluster.
	Name string
	// Master is the name of its first role.
	Master string
	// Port is where it listens.
	Port int
}

// GeneratedSecret is a secret whose value Secrets Manager makes: the template with a random value under a key.
type GeneratedSecret struct {
	// Name is the secret's.
	Name string
	// Template are the keys and values that are given.
	Template map[string]string
	// Key is the key of the random value, Length its number of characters.
	Key    string
	Length int
	// WithoutPunctuation tells that it has letters and digits only.
	WithoutPunctuation bool
}

func (b *builder) database() Database {
	clusters := b.deployed.OfType("AWS::RDS::DBCluster")
	if len(clusters) != 1 {
		return Database{}
	}
	p := b.at(clusters[0])
	return Database{Name: p.at("DatabaseName").text(), Master: p.at("MasterUsername").text(), Port: p.at("Port").number()}
}

func (b *builder) generated() []GeneratedSecret {
	var list []GeneratedSecret
	for _, r := range b.deployed.OfType("AWS::SecretsManager::Secret") {
		p := b.at(r)
		s := GeneratedSecret{Name: p.at("Name").text(), Template: map[string]string{}}
		if p = p.at("GenerateSecretString"); !p.value.Exists() {
			continue
		}
		s.Key, s.Length = p.at("GenerateStringKey").text(), p.at("PasswordLength").number()
		s.WithoutPunctuation = p.at("ExcludePunctuation").value.True()
		if err := json.Unmarshal([]byte(p.at("SecretStringTemplate").text()), &s.Template); err != nil {
			p.problem("SecretStringTemplate: %v", err)
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b GeneratedSecret) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// endpoints reads the interface endpoints that answer under AWS's own names (PrivateDnsEnabled). The service's name
// com.amazonaws.us-east-1.xray stands for xray.us-east-1.amazonaws.com (AWS PrivateLink Guide, "Private DNS names").
func (b *builder) endpoints() map[string]string {
	names := map[string]string{}
	for _, r := range b.deployed.OfType("AWS::EC2::VPCEndpoint") {
		p := b.at(r)
		if p.at("VpcEndpointType").text() != "Interface" || !p.at("PrivateDnsEnabled").value.True() {
			continue
		}
		words := strings.Split(p.at("ServiceName").text(), ".")
		if len(words) < 4 {
			p.problem("ServiceName %q is not of the form com.amazonaws.region.api", strings.Join(words, "."))
			continue
		}
		region, api := words[2], slices.Clone(words[3:])
		slices.Reverse(api) // ecr.api answers as api.ecr
		names[strings.Join(words[3:], ".")] = strings.Join(api, ".") + "." + region + ".amazonaws.com"
	}
	return names
}
