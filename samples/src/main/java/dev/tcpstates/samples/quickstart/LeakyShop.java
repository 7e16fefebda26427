// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.quickstart;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Asks a service for prices. The bug: it forgets to close connections. */
public final class LeakyShop {
  private final URI service;

  /** For a later retry. */
  private final List<HttpURLConnection> notOnSale = new ArrayList<>();

  private LeakyShop(URI service) {
    this.service = service;
  }

  /**
   * Asks once, and then stays for a minute, so that its recording can be dumped.
   *
   * @param args the service's URL
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    LeakyShop shop = new LeakyShop(URI.create(args[0]));
    List<String> offers = new ArrayList<>();
    for (String item : List.of("apple", "mango", "pear", "lychee", "durian")) {
      String price = shop.price(item);
      offers.add(item + " " + (price == null ? "none" : price));
      Thread.sleep(20); // one after the other, also in the table
    }
    System.out.println(String.join(", ", offers));
    System.out.println("ready");
    Thread.sleep(60_000);
  }

  private String price(String item) throws IOException {
    HttpURLConnection request =
        (HttpURLConnection) service.resolve("/price/" + item).toURL().openConnection();
    if (request.getResponseCode() != 200) { // THE LEAK: this opens a socket,
      notOnSale.add(request);
      return null; // and this leaves it open
    }
    try (InputStream body = request.getInputStream()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
