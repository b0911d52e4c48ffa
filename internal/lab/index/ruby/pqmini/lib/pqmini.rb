require "pqmini/pqmini"
