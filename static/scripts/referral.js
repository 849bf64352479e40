// While a referral is typed: keeps it on the server, and shows who is known already. Without this script the buttons
// "Close; keep the draft" and "Check now" do the same.

const AFTER_TYPING = 1200 // milliseconds without a key
const AGAIN = 5000 // when it could not be kept

export function keepReferral () {
  const form = document.getElementById('referral')
  const status = document.getElementById('draft-status')
  if (!form || !status) return

  let timer
  let sending = null
  let typedMeanwhile = false
  let ended = false
  let unsaved = false

  // At the top when all is well; where one types, in the bar that stays in sight, when it is not.
  const alarm = document.getElementById('draft-alarm')
  const say = (words, { wrong = false } = {}) => {
    const said = document.createElement('b')
    said.textContent = words
    status.replaceChildren(...(wrong ? [] : [said]))
    document.getElementById('draft-safe').hidden = wrong
    if (alarm.textContent !== (wrong ? words : '')) alarm.textContent = wrong ? words : ''
    alarm.hidden = !wrong
  }

  const soon = (wait) => {
    clearTimeout(timer)
    timer = setTimeout(keep, wait)
  }

  // After signing in again in another tab the form needs that session's token.
  const takeNewToken = async () => {
    const page = await fetch(location.href, { redirect: 'manual' })
    if (!page.ok) return
    const fresh = new DOMParser().parseFromString(await page.text(), 'text/html')
    const token = fresh.querySelector('#referral [name=csrfmiddlewaretoken]')
    if (token) form.elements.csrfmiddlewaretoken.value = token.value
  }

  const show = (html) => {
    const fresh = new DOMParser().parseFromString(html, 'text/html').getElementById('known')
    if (!fresh) return
    if (fresh.dataset.refused) {
      ended = true
      say(`Stop: ${fresh.dataset.refused}`, { wrong: true })
      for (const button of form.querySelectorAll('button[name=do]')) button.disabled = true
      return
    }
    if (!fresh.dataset.version) return // nothing is typed yet, so nothing is kept
    form.elements.version.value = fresh.dataset.version
    form.action = status.dataset.draft
    history.replaceState(null, '', status.dataset.draft + location.hash)
    say(fresh.dataset.saved)
    const known = document.getElementById('known')
    document.getElementById('known-link').hidden = !fresh.dataset.people // where the panel is far below
    // Never under the hands of whoever is just answering in it.
    if (!known.contains(document.activeElement)) known.replaceWith(document.importNode(fresh, true))
  }

  const send = async () => {
    let answer
    try {
      const body = new URLSearchParams(new FormData(form))
      // It goes on when the page is left meanwhile; a browser does so for no more than 64 KB.
      const keepalive = body.toString().length < 60_000
      answer = await fetch(status.dataset.save, { method: 'POST', body, redirect: 'manual', keepalive })
      if (answer.ok || answer.status === 409) {
        unsaved = typedMeanwhile
        show(await answer.text())
        return
      }
      if (answer.status === 403) await takeNewToken()
    } catch {
      answer = null // no network: said below, and tried again
    }
    const signedOut = answer && (answer.type === 'opaqueredirect' || answer.status === 403)
    say(signedOut
      ? 'Not kept: you are signed out. Sign in in another tab and come back; what you typed stays here and is kept then.'
      : 'Not kept: CAIT does not answer. What you typed stays here, and CAIT tries again.', { wrong: true })
    if (signedOut) await takeNewToken().catch(() => {})
    soon(AGAIN)
  }

  async function keep () {
    if (ended) return
    if (sending) {
      typedMeanwhile = true
      return
    }
    sending = send()
    await sending
    sending = null
    if (typedMeanwhile) {
      typedMeanwhile = false
      soon(AFTER_TYPING)
    }
  }

  for (const happening of ['input', 'change']) {
    document.addEventListener(happening, (event) => {
      if (event.target.form !== form) return
      unsaved = true
      if (sending) typedMeanwhile = true
      soon(AFTER_TYPING)
    })
  }

  // Whoever leaves the page within that second loses nothing: the browser sends it on its way out.
  window.addEventListener('pagehide', () => {
    if (!unsaved || ended || sending) return
    const body = new URLSearchParams(new FormData(form))
    fetch(status.dataset.save, { method: 'POST', body, keepalive: true }).catch(() => {})
  })

  // A form that is sent while it is being kept would build on the version before.
  form.addEventListener('submit', async (event) => {
    clearTimeout(timer)
    unsaved = false
    if (!sending) return
    event.preventDefault()
    await sending
    form.requestSubmit(event.submitter)
  })
}
