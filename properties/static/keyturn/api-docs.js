// The page on which the API is tried out. The schema's address stands on the page; whoever comes from the page of
// keys has one behind the "#", which must not stay in the address.
const place = document.getElementById("operations");
const key = new URLSearchParams(location.hash.slice(1)).get("key");
if (key) history.replaceState(null, "", location.pathname);
const docs = window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  onComplete: () => key && docs.preauthorizeApiKey("apiKey", key),
});
