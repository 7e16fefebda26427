// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointAddressTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9464,127.0.0.1:9464,false",
    "127.8.8.8:0,127.8.8.8:0,false",
    "localhost:9464,127.0.0.1:9464,false",
    "[::1]:9464,[0:0:0:0:0:0:0:1]:9464,false",
    "0.0.0.0:9464,0.0.0.0:9464,true",
    "[::]:9464,[0:0:0:0:0:0:0:0]:9464,true",
    "10.0.0.1:65535,10.0.0.1:65535,true",
    "/run/app/metrics.sock,/run/app/metrics.sock,false"
  })
  void valid(String text, String written, boolean remote) {
    EndpointAddress address = EndpointAddress.parse(text);
    assertEquals(written, address.toString());
    assertEquals(remote, address.isRemote());
  }

  /** No name is looked up, so none is valid but localhost. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "9464",
        ":9464",
        "example.com:9464",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:123456",
        "256.0.0.1:1",
        "::1:9464",
        "[example.com]:1",
        "relative/path",
        ""
      })
  void notValid(String text) {
    assertThrows(IllegalArgumentException.class, () -> EndpointAddress.parse(text));
  }
}
