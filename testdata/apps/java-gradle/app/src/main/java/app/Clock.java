package app;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import org.slf4j.LoggerFactory;

/** Says how many seconds a day has. */
public class Clock {
    public static void main(String[] args) throws Exception {
        LoggerFactory.getLogger(Clock.class).info("it starts");
        HttpServer server = HttpServer.create(new InetSocketAddress(8000), 0);
        server.createContext("/", exchange -> {
            byte[] text = "86400\n".getBytes();
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        server.start();
    }
}
