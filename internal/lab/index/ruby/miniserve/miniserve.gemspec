Gem::Specification.new do |s|
  s.name, s.version, s.summary, s.authors, s.license = "miniserve", "1.0", "A very small HTTP server", ["drydock"], "Apache-2.0"
  s.files = ["lib/miniserve.rb", "bin/miniserve"]
  s.bindir, s.executables = "bin", ["miniserve"]
  s.homepage = "https://example.com"
end
