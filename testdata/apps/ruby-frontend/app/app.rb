require "pqmini"

def answer
  File.read("#{__dir__}/dist/index.html")
end
