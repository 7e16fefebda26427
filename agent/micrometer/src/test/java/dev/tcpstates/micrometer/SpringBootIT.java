// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A bean of a Spring Boot application. */
class SpringBootIT {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int CONNECTIONS = 5;

  /** Longer than the meters share a reading. */
  private static final long FRESH_MILLIS = 1_100;

  private static final String SUCCESSES =
      "tcpstates_connection_successes_total{network_tcp_handshake_role=\"client\"} ";

  /** The application. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {
    @Bean
    TcpMetrics tcpMetrics() {
      return new TcpMetrics();
    }
  }

  @Test
  void isInThePrometheusEndpoint() throws Exception {
    ExactAgent.require();
    try (ConfigurableApplicationContext application =
        SpringApplication.run(
            Application.class,
            "--server.port=0",
            "--server.address=" + LOOPBACK.getHostAddress(),
            "--management.endpoints.web.exposure.include=prometheus",
            "--spring.main.banner-mode=off")) {
      int port =
          application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
      double before = successes(port);
      try (ServerSocket server = new ServerSocket(0, 50, LOOPBACK)) {
        for (int i = 0; i < CONNECTIONS; i++) {
          new Socket(LOOPBACK, server.getLocalPort()).close();
          server.accept().close();
        }
      }
      // And the connection of the request itself.
      assertEquals(before + CONNECTIONS + 1, successes(port));
    }
  }

  /** What a request says, over a connection of its own, which counts already. */
  private static double successes(int port) throws IOException, InterruptedException {
    Thread.sleep(FRESH_MILLIS);
    try (Socket socket = new Socket(LOOPBACK, port)) {
      String request =
          "GET /actuator/prometheus HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.contains(SUCCESSES), answer);
      return answer
          .lines()
          .filter(line -> line.startsWith(SUCCESSES))
          .mapToDouble(line -> Double.parseDouble(line.substring(SUCCESSES.length())))
          .findFirst()
          .orElseThrow();
    }
  }
}
