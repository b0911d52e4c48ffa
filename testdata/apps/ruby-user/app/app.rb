require "pqmini"

def answer
  "uid #{Process.uid}, libpq #{Pqmini.version}\n"
end
