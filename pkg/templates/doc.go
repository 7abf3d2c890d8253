// Package templates is the payment platform: one file for each tier, [Platform] as its table of contents, [Foundation]
// for what must exist before the first image, and the catalogue of microservices in catalog.go.
//
// Each tier file reads the same way: what lives here and which requirement it serves, the inputs, the outputs, the tier
// function as a list of additions, then those in that order. To add a microservice, add an entry to [Catalog].
package templates
