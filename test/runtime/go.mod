module github.com/tierform/tierform/test/runtime

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/tierform/tierform v0.0.0
	golang.org/x/net v0.62.0
	golang.org/x/sys v0.49.0
)

require (
	github.com/jackc/pgx/v5 v5.12.0
	gopkg.in/yaml.v3 v3.0.1
)

require (
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/kr/text v0.2.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/tierform/tierform => ../..
