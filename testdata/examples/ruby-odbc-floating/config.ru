require "odbc"
require "pg"

# Answers with the state of the databases behind the stock service.
run lambda { |_env|
  PG.connect(ENV.fetch("STOCK_DSN")).close
  ODBC.connect(ENV.fetch("LEDGER_DSN")).disconnect
  [200, { "content-type" => "text/plain" }, ["up\n"]]
}
