/* The endorse button of the mod page. Without JavaScript the form is sent the plain way. */
window.onload = function () {
	var form = document.getElementById('endorse-form');
	if (!form) {
		return;
	}
	var action = document.getElementById('endorse-action');
	var button = document.getElementById('endorse-button');
	var count = document.getElementById('endorse-count');
	var message = document.getElementById('endorse-message');
	var texts = {
		'login': 'You are not logged in any more. Please log in and try again.',
		'csrf': 'This page was open for too long. Please reload it.',
		'not-found': 'This mod is no longer here.',
		'own-mod': 'You cannot endorse your own mod.'
	};

	function withCommas(n) {
		return String(n).replace(/(\d)(?=(\d{3})+$)/g, '$1,');
	}

	function show(answer) {
		if (answer && answer.ok) {
			action.value = answer.endorsed ? 'abstain' : 'endorse';
			button.className = answer.endorsed ? 'button on' : 'button';
			button.innerHTML = answer.endorsed ? 'Endorsed - take it back' : 'Endorse this mod';
			count.innerHTML = withCommas(answer.count);
			message.innerHTML = '';
		} else {
			message.innerHTML = (answer && texts[answer.error]) || 'That did not work. Please try again.';
		}
	}

	form.onsubmit = function () {
		var request = new XMLHttpRequest();
		var fields = [];
		for (var i = 0; i < form.elements.length; i++) {
			if (form.elements[i].name) {
				fields.push(encodeURIComponent(form.elements[i].name) + '=' + encodeURIComponent(form.elements[i].value));
			}
		}
		button.disabled = true;
		request.open('POST', form.getAttribute('action'), true);
		request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
		request.setRequestHeader('X-Requested-With', 'XMLHttpRequest');
		request.onreadystatechange = function () {
			var answer = null;
			if (request.readyState !== 4) {
				return;
			}
			try {
				answer = JSON.parse(request.responseText);
			} catch (e) {
				answer = null;
			}
			button.disabled = false;
			show(answer);
		};
		request.send(fields.join('&'));
		return false;
	};
};
