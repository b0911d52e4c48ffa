require "pqmini"

puts "libpq #{Pqmini.version / 10000}"
