// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import com.sun.net.httpserver.HttpServer;
import io.undertow.Undertow;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import javax.imageio.ImageIO;

/** The JDK's HTTP clients and its server. */
final class JdkHttp {
  private static final byte[] HELLO = {'h', 'i'};

  private JdkHttp() {}

  static void httpUrlConnection() throws IOException {
    try (LocalServer server = LocalServer.http("text/plain", HELLO)) {
      URL url = URI.create(server.url()).toURL();
      HttpURLConnection connection = (HttpURLConnection) url.openConnection();
      connection.getInputStream().readAllBytes();
    }
  }

  static void urlOpenStream() throws IOException {
    try (LocalServer server = LocalServer.http("text/plain", HELLO);
        InputStream in = URI.create(server.url()).toURL().openStream()) {
      in.readAllBytes();
    }
  }

  static void imageIo() throws IOException {
    ImageIO.setUseCache(false);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), "png", png);
    try (LocalServer server = LocalServer.http("image/png", png.toByteArray())) {
      ImageIO.read(URI.create(server.url()).toURL()).getWidth();
    }
  }

  static void httpServer() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, HELLO.length);
          exchange.getResponseBody().write(HELLO);
          exchange.close();
        });
    server.start();
    try {
      PlainHttp.get(server.getAddress().getPort());
    } finally {
      server.stop(0);
    }
  }

  static void clientSend1() throws Exception {
    try (LocalServer server = LocalServer.http("text/plain", HELLO)) {
      client(HttpClient.Version.HTTP_1_1)
          .send(request(server.url()), HttpResponse.BodyHandlers.ofString());
    }
  }

  static void clientSendAsync1() throws Exception {
    try (LocalServer server = LocalServer.http("text/plain", HELLO)) {
      client(HttpClient.Version.HTTP_1_1)
          .sendAsync(request(server.url()), HttpResponse.BodyHandlers.ofString())
          .get();
    }
  }

  static void clientSend2() throws Exception {
    Undertow server = WebServers.startUndertow();
    try {
      is2(
          client(HttpClient.Version.HTTP_2)
              .send(request(WebServers.url(server)), HttpResponse.BodyHandlers.ofString()));
    } finally {
      server.stop();
    }
  }

  static void clientSendAsync2() throws Exception {
    Undertow server = WebServers.startUndertow();
    try {
      is2(
          client(HttpClient.Version.HTTP_2)
              .sendAsync(request(WebServers.url(server)), HttpResponse.BodyHandlers.ofString())
              .get());
    } finally {
      server.stop();
    }
  }

  private static HttpClient client(HttpClient.Version version) {
    return HttpClient.newBuilder().version(version).build();
  }

  private static HttpRequest request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).build();
  }

  private static void is2(HttpResponse<String> response) throws IOException {
    if (response.version() != HttpClient.Version.HTTP_2) {
      throw new IOException("not HTTP/2: " + response);
    }
  }
}
