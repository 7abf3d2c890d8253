package verify

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// databases is the version of Amazon RDS's API.
const databases = "2014-10-31"

// A databaseCluster is one of Amazon RDS (API reference, DBCluster).
type databaseCluster struct {
	ID        string `xml:"DBClusterIdentifier"`
	Encrypted bool   `xml:"StorageEncrypted"`
	Key       string `xml:"KmsKeyId"`
	Backups   int    `xml:"BackupRetentionPeriod"`
	Group     string `xml:"DBClusterParameterGroup"`
	Secret    string `xml:"MasterUserSecret>SecretArn"`
	Members   []struct {
		ID     string `xml:"DBInstanceIdentifier"`
		Status string `xml:"DBClusterParameterGroupStatus"`
	} `xml:"DBClusterMembers>DBClusterMember"`
}

// askClusters are the database clusters of the stacks, by identifier; those that do not exist are not among them.
func (a *account) askClusters(ctx context.Context) (map[string]databaseCluster, error) {
	found := map[string]databaseCluster{}
	for _, r := range a.Estate.Of(clusterType) {
		var page struct {
			XMLName  xml.Name
			Clusters []databaseCluster `xml:"DescribeDBClustersResult>DBClusters>DBCluster"`
		}
		form := url.Values{"Action": {"DescribeDBClusters"}, "Version": {databases}, "DBClusterIdentifier": {r.ID}}
		err := asking("rds:DescribeDBClusters", a.Signed.Query(ctx, "rds", form, &page))
		if q, is := err.(*question); is && q.missing() {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, c := range page.Clusters {
			found[r.ID] = c
		}
	}
	return found, nil
}

// eachCluster asks about the stacks' database clusters.
func (l *look) eachCluster(expect func(*Resource) (string, bool), judge func(r *Resource, expected string, c databaseCluster)) {
	for _, r := range l.estate.Of(clusterType) {
		expected, promised := expect(r)
		if !promised {
			continue
		}
		all, err := l.clusters()
		c, exists := all[r.ID]
		switch {
		case err != nil:
			l.unread(r, expected, err)
		case !exists:
			l.judge(r, false, expected, "does not exist")
		default:
			judge(r, expected, c)
		}
	}
}

// promised is a property's text; what is not set, or cannot be evaluated, is noted.
func (l *look) promised(r *Resource, property string) (string, bool) {
	v := r.property(property)
	switch {
	case !v.set():
		l.inapplicable(r, "", "the template says no "+property)
	case v.text() == "":
		l.untold(r, property)
	default:
		return v.text(), true
	}
	return "", false
}

func databaseEncrypted(_ context.Context, l *look) {
	l.eachCluster(func(r *Resource) (string, bool) { return l.promised(r, "KmsKeyId") }, func(r *Resource, expected string, c databaseCluster) {
		observed := named(c.Key)
		if !c.Encrypted {
			observed = "not encrypted"
		}
		l.judge(r, c.Encrypted && sameKey(expected, c.Key), expected, observed)
	})
}

func databaseBackups(_ context.Context, l *look) {
	days := func(r *Resource) (string, bool) {
		n, promised := l.promised(r, "BackupRetentionPeriod")
		return n + " days at least", promised
	}
	l.eachCluster(days, func(r *Resource, expected string, c databaseCluster) {
		least, _ := strconv.Atoi(strings.Fields(expected)[0])
		l.judge(r, c.Backups >= least, expected, fmt.Sprintf("%d days", c.Backups))
	})
}

// forcing are the parameters that make a database take TLS connections only: of PostgreSQL and of MySQL (Amazon Aurora User Guide,
// "Requiring SSL/TLS").
func forcing() []string { return []string{"rds.force_ssl", "require_secure_transport"} }

// databaseTLS wants the cluster under a parameter group that forces TLS, in effect on all instances.
func databaseTLS(ctx context.Context, l *look) {
	groups := map[string]string{}
	for _, r := range l.estate.Of(parametersType) {
		for _, name := range forcing() {
			if v := r.property("Parameters", name); v.text() != "" {
				groups[r.ID] = name + "=" + v.text()
			}
		}
	}
	expect := func(r *Resource) (string, bool) {
		name, promised := l.promised(r, "DBClusterParameterGroupName")
		if promised && groups[name] == "" {
			l.inapplicable(r, name, "the stacks' parameter groups say nothing about TLS")
			return "", false
		}
		return name + " with " + groups[name] + ", in effect", promised
	}
	l.eachCluster(expect, func(r *Resource, expected string, c databaseCluster) {
		setting, err := l.forced(ctx, c.Group)
		if err != nil {
			l.unread(r, expected, err)
			return
		}
		observed := c.Group + " with " + setting + ", in effect"
		for _, m := range c.Members {
			if m.Status != "in-sync" {
				observed = c.Group + " with " + setting + ", " + m.Status + " on " + m.ID
			}
		}
		l.same(r, expected, observed)
	})
}

// forced is what a parameter group says about TLS. Only what somebody set is asked for.
func (a *account) forced(ctx context.Context, group string) (string, error) {
	form := url.Values{"Action": {"DescribeDBClusterParameters"}, "Version": {databases}, "DBClusterParameterGroupName": {group}, "Source": {"user"}}
	found := "no such setting"
	for {
		var page struct {
			XMLName    xml.Name
			Parameters []struct {
				Name  string `xml:"ParameterName"`
				Value string `xml:"ParameterValue"`
			} `xml:"DescribeDBClusterParametersResult>Parameters>Parameter"`
			Marker string `xml:"DescribeDBClusterParametersResult>Marker"`
		}
		if err := a.Signed.Query(ctx, "rds", form, &page); err != nil {
			return "", asking("rds:DescribeDBClusterParameters", err)
		}
		for _, p := range page.Parameters {
			if slices.Contains(forcing(), p.Name) {
				found = p.Name + "=" + p.Value
			}
		}
		if page.Marker == "" {
			return found, nil
		}
		form.Set("Marker", page.Marker)
	}
}

// databasesPrivate wants no instance with a public address.
func databasesPrivate(ctx context.Context, l *look) {
	const expected = "not publicly accessible"
	for _, r := range l.estate.Of(instanceType) {
		if v := strings.ToLower(r.property("PubliclyAccessible").text()); v == "true" {
			l.inapplicable(r, "", "the template wants it publicly accessible")
			continue
		}
		var page struct {
			XMLName   xml.Name
			Instances []struct{ PubliclyAccessible bool } `xml:"DescribeDBInstancesResult>DBInstances>DBInstance"`
		}
		form := url.Values{"Action": {"DescribeDBInstances"}, "Version": {databases}, "DBInstanceIdentifier": {r.ID}}
		if err := l.Signed.Query(ctx, "rds", form, &page); err != nil {
			l.unread(r, expected, asking("rds:DescribeDBInstances", err))
			continue
		}
		for _, i := range page.Instances {
			observed := expected
			if i.PubliclyAccessible {
				observed = "publicly accessible"
			}
			l.same(r, expected, observed)
		}
	}
}
