require "socket"

# A very small HTTP server: every request gets the block's text.
module Miniserve
  def self.run(port)
    server = TCPServer.new("0.0.0.0", port)
    trap("TERM") { exit }
    loop do
      client = server.accept
      while (line = client.gets) && line != "\r\n"; end
      body = yield
      client.write "HTTP/1.1 200 OK\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}"
      client.close
    end
  end
end
