// The component is a library: what calls it is in the package that wit-bindgen makes.
package main

import _ "template-name/exports/wit_exports"

func main() {}
