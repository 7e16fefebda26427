// SPDX-License-Identifier: Apache-2.0
package com.example.quotes;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** Asks for quotes. Requests one after the other share one connection. */
public final class QuoteClient {
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI service;

  public QuoteClient(URI service) {
    this.service = service;
  }

  public String quote(String symbol) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(service.resolve("/" + symbol)).build();
    return http.send(request, BodyHandlers.ofString()).body();
  }
}
