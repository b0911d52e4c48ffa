Gem::Specification.new do |s|
  s.name, s.version, s.summary, s.authors, s.license = "pqmini", "1.0", "The version of libpq", ["drydock"], "Apache-2.0"
  s.files = ["lib/pqmini.rb", "ext/pqmini/extconf.rb", "ext/pqmini/pqmini.c"]
  s.extensions = ["ext/pqmini/extconf.rb"]
  s.homepage = "https://example.com"
end
