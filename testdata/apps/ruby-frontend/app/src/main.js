document.querySelector("#hello").textContent = "hello";
